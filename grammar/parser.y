/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parser.y - the language's grammar; builds nodes and nothing else
 *
 * Keywords are tokens.  `name` takes a NAME or any keyword that is not
 * reserved, so that every system call and argument can be written where a
 * name is expected.  Errors recover at ';' and '}' (feed.c skips balanced
 * braces on the way); their words are in message.c.
 */
%code requires {
#include "grammar/parser.h"
}

%code {
#include "base/bug.h"

#define YYMAXDEPTH 2000 /* past any legal nesting; AST_DEPTH_MAX says why */
#define YYLLOC_DEFAULT(Current, Rhs, N)                                        \
	((Current) = (N) ? span_join(YYRHSLOC(Rhs, 1), YYRHSLOC(Rhs, N))       \
			 : (struct span){ YYRHSLOC(Rhs, 0).source,             \
					  YYRHSLOC(Rhs, 0).end,                \
					  YYRHSLOC(Rhs, 0).end })

#define NEW(type) arena_new_of(p->u->arena, type)
#define LINK(list, node)                                                       \
	do {                                                                   \
		__typeof__((list).head) new_ = (node);                         \
									       \
		if ((list).tail)                                               \
			(list).tail->next = new_;                              \
		else                                                           \
			(list).head = new_;                                    \
		(list).tail = new_;                                            \
	} while (0)
#define ONE(list, node) ((list).head = (list).tail = (node))
#define CHAIN_ONE(chain, node)                                                 \
	((chain).head = (chain).tail = (node), (chain).n = 1)
#define CHAIN_ADD(chain, node)                                                 \
	do {                                                                   \
		LINK(chain, node);                                             \
		(chain).n++;                                                   \
	} while (0)
#define RECOVERED()                                                            \
	do {                                                                   \
		yyerrok;                                                       \
		feed_recovered(p);                                             \
	} while (0)

static void gate_error(const struct span *at, struct parser *p,
		       const char *text);
}

%define api.pure full
%define api.prefix {gate_}
%define api.token.prefix {T_}
%define api.location.type {struct span}
%define api.value.type {union node}
%define parse.error custom
%define parse.lac full
%locations
%expect 0
%parse-param {struct parser *p}
%lex-param {struct parser *p}
%initial-action { @$ = (struct span){ p->source, 0, 0 }; }

/* In the order of tokens.def. */
%token <word>
	ALLOW "allow" AND "and" ANY "any" ARCH "arch" CONST "const"
	DEFAULT "default" DENY "deny" EXCEPT "except" EXIT "exit"
	FOREIGN "foreign" GROUP "group" HAS "has" IF "if" IN "in"
	INCLUDE "include" KILL "kill" KILL_THREAD "kill_thread" LOG "log"
	NEVER "never" NOT "not" NOTIFY "notify" ON "on" ONLY "only"
	OPTION "option" OR "or" RUN "run" SANDBOX "sandbox" SIGNAL "signal"
	STDERR "stderr" STDOUT "stdout" TEST "test" TRACE "trace" TRAP "trap"
	UNKNOWN "unknown"

%token <word> NAME GROUP_NAME STRING WORD
%token <number> NUMBER QUANTITY
%token WILDCARD "_" SET_END /* the '}' of a list; that of a block is '}' */
%token EQ "==" NE "!=" LE "<=" GE ">=" SHIFT "<<" ARROW "=>" DOTS ".."
%token START_FILE START_CALL

%type <word> name keyword action_word setting_word call_name
%type <words> abis
%type <op> op
%type <value> value range set except_values bits_or bits_and shift unary
%type <value> primary mask arg operand plain_operand
%type <values> or_list and_list elements element_list args arg_list operands
%type <values> strings
%type <cond> condition opt_if conjunction negation comparison left masked
%type <conds> or_conds and_conds
%type <names> names group_names
%type <name_list> name_list
%type <name> listed
%type <action> action rule_action
%type <item> item rule
%type <items> rules
%type <setting> setting
%type <settings> settings block
%type <call> call
%type <line> test_line
%type <line> test_on
%type <lines> test_lines simple_lines
%type <expect> expect
%type <expects> expects

%%

start
: START_FILE items
| START_CALL call
	{
		p->call = NEW(struct ast_call);
		*p->call = $call;
	}
| START_CALL call_name
	{
		p->call = NEW(struct ast_call);
		p->call->name = $call_name;
		p->call->span = @call_name;
		p->bare = true;
	}
;

call_name
: name
| NUMBER
	{
		$$ = lex_word(p, p->text->text + @1.start, @1.end - @1.start,
			      @1);
	}
;

items
: %empty
| items item	{ build_append(p, $item); }
;

/* ---- items ---- */

item
: "include" STRING ';'
	{
		$$ = build_item(p, ITEM_INCLUDE, @1, @$);
		$$->word = $2;
	}
| "arch" abis ';'
	{
		$$ = build_item(p, ITEM_ARCH, @1, @$);
		$$->abis = $abis.data;
		$$->nabis = $abis.len;
	}
| "default" action ';'
	{
		$$ = build_item(p, ITEM_DEFAULT, @1, @$);
		$$->action = $action;
	}
| "unknown" action ';'
	{
		$$ = build_item(p, ITEM_UNKNOWN, @1, @$);
		$$->action = $action;
	}
| "foreign" action ';'
	{
		$$ = build_item(p, ITEM_FOREIGN, @1, @$);
		$$->action = $action;
	}
| "option" name ';'
	{
		$$ = build_item(p, ITEM_OPTION, @1, @$);
		$$->word = $name;
	}
| "const" name '=' value ';'
	{
		$$ = build_item(p, ITEM_CONST, @1, @$);
		$$->word = $name;
		$$->value = $value;
	}
| "group" GROUP_NAME '=' '{' group_names SET_END ';'
	{
		$$ = build_item(p, ITEM_GROUP, @1, @$);
		$$->word = $2;
		$$->names = $group_names;
		$$->names.span = span_join(@4, @6);
	}
| rule
| "on" abis '{' rules '}'
	{
		$$ = build_item(p, ITEM_ON, @1, @$);
		$$->abis = $abis.data;
		$$->nabis = $abis.len;
		$$->items = $rules.head;
	}
| "on" abis '{' rules error '}'	{ RECOVERED(); $$ = NULL; }
| "sandbox" block
	{
		$$ = build_item(p, ITEM_SANDBOX, @1, @$);
		$$->settings = $block.head;
	}
| "test" STRING '{' test_lines '}'
	{
		$$ = build_item(p, ITEM_TEST, @1, @$);
		$$->title = $2.text;
		$$->title_span = @2;
		$$->lines = $test_lines.head;
	}
| "test" STRING '{' test_lines error '}'	{ RECOVERED(); $$ = NULL; }
| error ';'	{ RECOVERED(); $$ = NULL; }
| error '}'	{ RECOVERED(); $$ = NULL; }
;

rules
: %empty	{ $$.head = $$.tail = NULL; }
| rules rule	{ $$ = $1; LINK($$, $2); }
| rules error ';'	{ RECOVERED(); $$ = $1; }
;

rule
: rule_action names opt_if ';'
	{
		$$ = build_item(p, ITEM_RULE, @1, @$);
		$$->action = $rule_action;
		$$->names = $names;
		$$->cond = $opt_if;
	}
;

opt_if
: %empty	{ $$ = NULL; }
| "if" condition	{ $$ = $2; }
;

/* ---- actions ---- */

rule_action
: action_word	{ $$ = (struct ast_action){ $1, NULL, @$ }; }
| action_word '(' value ')'	{ $$ = (struct ast_action){ $1, $3, @$ }; }
;

action_word
: "allow" | "deny" | "kill" | "kill_thread" | "log" | "notify" | "trace"
| "trap"
;

action
: name	{ $$ = (struct ast_action){ $1, NULL, @$ }; }
| name '(' value ')'	{ $$ = (struct ast_action){ $1, $3, @$ }; }
;

/* ---- names ---- */

name
: NAME
| keyword
;

keyword
: "allow" | "arch" | "const" | "default" | "deny" | "exit" | "foreign"
| "group" | "include" | "kill" | "kill_thread" | "log" | "never" | "notify"
| "on" | "option" | "run" | "sandbox" | "signal" | "stderr" | "stdout"
| "test" | "trace" | "trap" | "unknown"
;

abis
: name	{ $$ = (struct words){ 0 }; vec_push(p->u->arena, &$$, $1); }
| abis ',' name	{ $$ = $1; vec_push(p->u->arena, &$$, $3); }
;

names
: name_list
	{ $$ = (struct ast_names){ $1.head, NULL, @$ }; }
| name_list "except" name_list[less]
	{ $$ = (struct ast_names){ $1.head, $less.head, @$ }; }
;

group_names
: name_list opt_comma
	{ $$ = (struct ast_names){ $1.head, NULL, @$ }; }
| name_list "except" name_list[less] opt_comma
	{ $$ = (struct ast_names){ $1.head, $less.head, @$ }; }
;

opt_comma: %empty | ',';

name_list
: listed	{ ONE($$, $1); }
| name_list ',' listed	{ $$ = $1; LINK($$, $3); }
;

listed
: name	{ $$ = build_name(p, $1, false); }
| GROUP_NAME	{ $$ = build_name(p, $1, true); }
;

/* ---- conditions: or < and < not < comparison ---- */

condition
: or_conds	{ $$ = build_cond_chain(p, AST_COND_OR, $1); }
;

or_conds
: conjunction	{ CHAIN_ONE($$, $1); }
| or_conds "or" conjunction	{ $$ = $1; CHAIN_ADD($$, $3); }
;

conjunction
: and_conds	{ $$ = build_cond_chain(p, AST_COND_AND, $1); }
;

and_conds
: negation	{ CHAIN_ONE($$, $1); }
| and_conds "and" negation	{ $$ = $1; CHAIN_ADD($$, $3); }
;

negation
: comparison
| "not" negation[of]	{ $$ = build_not(p, $of, @$); }
| '(' condition ')'	{ $$ = build_cond_parens(p, $2, @$); }
;

comparison
: left op value	{ $$ = build_compare(p, $left, $op, @op, $value, @$); }
;

left
: name	{ $$ = build_left(p, $1, NULL, @$); }
| masked
| '(' masked ')'	{ $$ = $2; $$->mask_parens = true; }
;

masked
: name '&' mask	{ $$ = build_left(p, $1, $mask, @$); }
;

mask: shift;
op
: "=="	{ $$ = OP_EQ; }
| "!="	{ $$ = OP_NE; }
| '<'	{ $$ = OP_LT; }
| "<="	{ $$ = OP_LE; }
| '>'	{ $$ = OP_GT; }
| ">="	{ $$ = OP_GE; }
| "has"	{ $$ = OP_HAS; }
| "any"	{ $$ = OP_ANY; }
| "only"	{ $$ = OP_ONLY; }
| "in"	{ $$ = OP_IN; }
;

/* ---- values: range < | < & < << < unary ---- */

value
: range
| set
;

range
: bits_or
| bits_or ".." bits_or	{ $$ = build_binary(p, VAL_RANGE, $1, $3); }
;

set
: '{' elements SET_END
	{
		$$ = build_value(p, VAL_SET, @$);
		$$->items = $elements.head;
	}
| '{' elements SET_END "except" except_values
	{
		$$ = build_value(p, VAL_SET, @$);
		$$->items = $elements.head;
		$$->except = $except_values;
	}
;

except_values
: name	{ $$ = build_word(p, VAL_NAME, $1); }
| '{' elements SET_END	{ $$ = $elements.head; }
;

elements: element_list opt_comma;
element_list
: range	{ CHAIN_ONE($$, $1); }
| element_list ',' range	{ $$ = $1; CHAIN_ADD($$, $3); }
;

bits_or: or_list	{ $$ = build_value_chain(p, VAL_OR, $1); };
or_list
: bits_and	{ CHAIN_ONE($$, $1); }
| or_list '|' bits_and	{ $$ = $1; CHAIN_ADD($$, $3); }
;

bits_and: and_list	{ $$ = build_value_chain(p, VAL_AND, $1); };
and_list
: shift	{ CHAIN_ONE($$, $1); }
| and_list '&' shift	{ $$ = $1; CHAIN_ADD($$, $3); }
;

shift
: unary
| unary "<<" unary	{ $$ = build_binary(p, VAL_SHIFT, $1, $3); }
;

unary
: primary
| '~' unary[of]	{ $$ = build_unary(p, VAL_NOT, $of, @$); }
| '-' unary[of]	{ $$ = build_unary(p, VAL_NEGATE, $of, @$); }
;

primary
: NUMBER	{ $$ = build_number(p, $1, @$); }
| name	{ $$ = build_word(p, VAL_NAME, $1); }
| STRING	{ $$ = build_word(p, VAL_STRING, $1); }
| '(' range ')'	{ $$ = build_value_parens(p, $2, @$); }
;

/* ---- the sandbox block ---- */

block
: '{' settings '}'	{ $$ = $settings; }
| '{' settings error '}'	{ RECOVERED(); $$ = $settings; }
;

settings
: %empty	{ $$.head = $$.tail = NULL; }
| settings setting	{ $$ = $1; LINK($$, $2); }
| settings error ';'	{ RECOVERED(); $$ = $1; }
;

setting
: setting_word operands ';'
	{
		$$ = build_setting(p, $1, $2.head, @$);
	}
| setting_word operands block opt_semicolon
	{
		$$ = build_setting(p, $1, $2.head, @$);
		build_block(p, $$, $block.head);
	}
;

opt_semicolon: %empty | ';';
setting_word
: name
| WORD
;

operands
: %empty	{ $$ = (struct value_chain){ 0 }; }
| operands operand	{ $$ = $1; LINK($$, $2); }
| operands ',' operand	{ $$ = $1; $3->comma = true; LINK($$, $3); }
;

operand
: plain_operand
| '-' NUMBER
	{
		$$ = build_unary(p, VAL_NEGATE, build_number(p, $2, @2), @$);
	}
;

plain_operand
: NUMBER	{ $$ = build_number(p, $1, @$); }
| QUANTITY	{ $$ = build_number(p, $1, @$); }
| STRING	{ $$ = build_word(p, VAL_STRING, $1); }
| name	{ $$ = build_word(p, VAL_NAME, $1); }
| WORD	{ $$ = build_word(p, VAL_NAME, $1); }
| GROUP_NAME	{ $$ = build_word(p, VAL_NAME, $1); }
| "except"	{ $$ = build_word(p, VAL_NAME, $1); }
;

/* ---- tests ---- */

test_lines
: %empty	{ $$.head = $$.tail = NULL; }
| test_lines test_line	{ $$ = $1; LINK($$, $2); }
| test_lines test_on	{ $$ = $1; if ($2) LINK($$, $2); }
| test_lines error ';'	{ RECOVERED(); $$ = $1; }
;

test_on
: "on" abis '{' simple_lines '}'
	{
		$$ = build_test_line(p, TEST_ON, @$);
		$$->abis = $abis.data;
		$$->nabis = $abis.len;
		$$->lines = $simple_lines.head;
	}
| "on" abis '{' simple_lines error '}'	{ RECOVERED(); $$ = NULL; }
;

simple_lines
: %empty	{ $$.head = $$.tail = NULL; }
| simple_lines test_line	{ $$ = $1; LINK($$, $2); }
| simple_lines error ';'	{ RECOVERED(); $$ = $1; }
;

test_line
: call "=>" action ';'
	{
		$$ = build_test_line(p, TEST_CALL, @$);
		$$->call = $call;
		$$->action = $action;
	}
| "run" strings "=>" expects ';'
	{
		$$ = build_test_line(p, TEST_RUN, @$);
		$$->command = $strings.head;
		$$->expects = $expects.head;
	}
;

call
: call_name '(' args ')'
	{
		$$ = (struct ast_call){ $call_name, $args.head, @$ };
	}
;

args
: %empty	{ $$ = (struct value_chain){ 0 }; }
| arg_list
;

arg_list
: arg	{ CHAIN_ONE($$, $1); }
| arg_list ',' arg	{ $$ = $1; CHAIN_ADD($$, $3); }
;

arg
: value
| "_"	{ $$ = build_value(p, VAL_WILDCARD, @$); }
;

strings
: STRING	{ CHAIN_ONE($$, build_word(p, VAL_STRING, $1)); }
| strings ',' STRING
	{ $$ = $1; CHAIN_ADD($$, build_word(p, VAL_STRING, $3)); }
;

expects
: expect	{ ONE($$, $1); }
| expects ',' expect	{ $$ = $1; LINK($$, $3); }
;

expect
: "exit" range
	{ $$ = build_expect(p, EXPECT_EXIT, $2, @$); }
| "signal" name
	{ $$ = build_expect(p, EXPECT_SIGNAL, build_word(p, VAL_NAME, $2), @$); }
| "stdout" "has" STRING
	{
		$$ = build_expect(p, EXPECT_STDOUT_HAS,
				  build_word(p, VAL_STRING, $3), @$);
	}
| "stderr" "has" STRING
	{
		$$ = build_expect(p, EXPECT_STDERR_HAS,
				  build_word(p, VAL_STRING, $3), @$);
	}
;

%%

/* Slow, but only a syntax error asks. */
static int token_of_symbol(yysymbol_kind_t symbol)
{
	for (int kind = 0; kind <= T_START_CALL; kind++)
		if (YYTRANSLATE(kind) == symbol && symbol != YYSYMBOL_YYUNDEF)
			return kind;
	return T_GATE_UNDEF;
}

static int yyreport_syntax_error(const yypcontext_t *context, struct parser *p)
{
	yysymbol_kind_t symbols[EXPECTED_MAX];
	int expected[EXPECTED_MAX];
	struct syntax_error e = { .expected = expected };
	int n = yypcontext_expected_tokens(context, symbols, EXPECTED_MAX);

	for (int i = 0; i < n; i++)
		expected[e.nexpected++] = token_of_symbol(symbols[i]);
	message_syntax(p, &e);
	return 0;
}

/* Only bison's own failure ends here: its stack is full. */
static void gate_error(const struct span *at, struct parser *p,
		       const char *text)
{
	(void)text;
	message_too_deep(p, *at);
}
