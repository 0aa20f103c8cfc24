/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_action.c - actions: the word, and what stands in its parentheses
 */
#include <inttypes.h>

#include "base/bug.h"
#include "compiler/check_state.h"

static const struct spelling {
	const char *word;
	enum action_kind kind;
} spellings[] = {
	{"allow",	   ACT_ALLOW	     },
	      { "deny",	ACT_ERRNO	  },
	{ "kill",	  ACT_KILL_PROCESS},
	      { "kill_thread", ACT_KILL_THREAD },
	{ "trap",	  ACT_TRAP	   },
	      { "trace",	 ACT_TRACE	   },
	{ "log",	 ACT_LOG	 },
	      { "notify",	  ACT_NOTIFY	     },
	{ NULL,		ACT_COUNT	  },
};

/* What other tools call them. */
static const char *other_word(const struct ast_word *word)
{
	static const char *const others[][2] = {
		{"errno",		   "deny(ERRNO)"},
		{ "block",		   "deny"	  },
		{ "reject",		    "deny"	   },
		{ "refuse",		    "deny"	   },
		{ "drop",		  "deny"	 },
		{ "forbid",		    "deny"	   },
		{ "permit",		    "allow"	    },
		{ "accept",		    "allow"	    },
		{ "pass",		  "allow"	  },
		{ "audit",		   "log"	 },
		{ "kill_process",	  "kill"	 },
		{ "user_notif",		"notify"	 },
		{ "SCMP_ACT_ALLOW",	    "allow"	    },
		{ "SCMP_ACT_ERRNO",	    "deny(ERRNO)"},
		{ "SCMP_ACT_KILL",	   "kill_thread"},
		{ "SCMP_ACT_KILL_PROCESS", "kill"	  },
		{ "SCMP_ACT_TRAP",	   "trap"	  },
		{ "SCMP_ACT_LOG",	  "log"	},
		{ "SCMP_ACT_NOTIFY",	     "notify"     },
		{ "SCMP_ACT_TRACE",	    "trace"	    },
	};

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (word_is(word, others[i][0]))
			return others[i][1];
	return NULL;
}

static bool unknown_word(struct unit *u, const struct ast_word *word)
{
	struct diag *d = diag_add(u->diags, E0315, word->span,
				  "unknown action '%s'", word->text);
	struct nearest near;

	nearest_init(&near, word->text, word->len);
	for (const struct spelling *s = spellings; s->word; s++)
		nearest_try(&near, s->word);
	diag_note(d, "the actions are allow, deny, kill, kill_thread, trap, "
		     "trace, log and notify");
	if (other_word(word))
		diag_help(d, "here it is '%s'", other_word(word));
	else
		help_nearest(d, &near);
	return false;
}

static bool unknown_errno(struct unit *u, const struct abi *abi,
			  const struct ast_word *word)
{
	struct diag *d = diag_add(u->diags, E0321, word->span,
				  "unknown errno '%s'", word->text);
	struct nearest near;

	nearest_init(&near, word->text, word->len);
	for (unsigned i = 1; i <= ACT_ERRNO_MAX; i++) {
		const char *name = errno_name(abi, (uint16_t)i);

		if (name)
			nearest_try(&near, name);
	}
	help_nearest(d, &near);
	return false;
}

static bool too_large(struct unit *u, const struct ast_value *ast,
		      uint64_t number, const char *what, const char *limit)
{
	struct diag *d = diag_add(u->diags, E0316, ast->span,
				  "%s %" PRIu64 ": the kernel takes 0 to %s",
				  what, number, limit);

	if (what[0] == 'e')
		diag_note(d, "the kernel would turn it into %s", limit);
	return false;
}

static bool not_a_number(struct unit *u, const struct ast_value *ast,
			 const char *what)
{
	diag_add(u->diags, E0316, ast->span, "%s is expected here", what);
	return false;
}

static bool deny_data(struct unit *u, const struct ast_value *ast,
		      const struct abi *abi, struct action *out)
{
	if (!ast)
		return errno_value(abi, "EPERM", 5, &out->data);
	if (ast->kind == VAL_NAME)
		return errno_value(abi, ast->word.text, ast->word.len,
				   &out->data) ||
		       unknown_errno(u, abi, &ast->word);
	if (ast->kind != VAL_NUMBER)
		return not_a_number(u, ast, "an errno's name or number");
	if (ast->number > ACT_ERRNO_MAX)
		return too_large(u, ast, ast->number, "errno", "4,095");
	out->data = (uint16_t)ast->number;
	return true;
}

static bool number_data(struct unit *u, const struct ast_value *ast,
			struct action *out)
{
	if (!ast)
		return true;
	if (ast->kind != VAL_NUMBER)
		return not_a_number(u, ast, "a number");
	if (ast->number > ACT_DATA_MAX)
		return too_large(u, ast, ast->number, "number", "65,535");
	out->data = (uint16_t)ast->number;
	return true;
}

static bool no_data(struct unit *u, const struct ast_action *action)
{
	if (!action->data)
		return true;
	diag_add(u->diags, E0316, action->data->span,
		 "'%s' takes nothing in parentheses", action->word.text);
	return false;
}

bool check_action(struct unit *u, const struct ast_action *action,
		  const struct abi *abi, struct action *out)
{
	const struct spelling *s = spellings;

	while (s->word && !word_is(&action->word, s->word))
		s++;
	if (!s->word)
		return unknown_word(u, &action->word);
	*out = (struct action){ s->kind, 0 };
	if (s->kind == ACT_ERRNO)
		return deny_data(u, action->data, abi, out);
	if (s->kind == ACT_TRAP || s->kind == ACT_TRACE)
		return number_data(u, action->data, out);
	return no_data(u, action);
}
