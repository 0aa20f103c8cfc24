# SPDX-License-Identifier: Apache-2.0
#
# callgate: the only makefile.  `make help` lists targets and knobs.
#
# Lists are wildcards: a new source or test file needs no edit here.  Each
# variant (plain, sanitizers, coverage, fuzzing) has its own folder under
# build/.  Nothing runs a compiler or pkg-config while make reads this file:
# `check` and `demo` start on machines that have only make.

SAN     ?=
COV     ?=
FUZZ    ?=
WERROR  ?=
STATIC  ?= 1
V       ?=
PREFIX  ?= /usr/local
DESTDIR ?=
T       ?=
F       ?=
TIME    ?= 60
# Of the sweep: each so many-th point, and which errors.
EVERY   ?= 19
ERRORS  ?= EPERM KILL
CFLAGS  ?= $(if $(COV),-O0,-O2) -g

MAKEFLAGS += -r
.DEFAULT_GOAL := all
ifneq ($(filter default undefined,$(origin CC)),)
CC := $(if $(FUZZ),clang,gcc)
endif
# For programs that run while we build: not a foreign compiler.
BUILD_CC ?= $(CC)

comma   := ,
variant := $(if $(FUZZ),fuzz,$(if $(COV),coverage,$(if \
	$(SAN),$(subst $(comma),-,$(SAN)),plain)))
B       := build/$(variant)
Q       := $(if $(V),,@)
san     := $(if $(FUZZ),fuzzer-no-link$(comma)address$(comma)undefined,$(SAN))
jobs     = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))
sub      = $(MAKE) --no-print-directory $(jobs)

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wswitch-enum -Wvla -Wformat=2 -Wundef -Wwrite-strings \
	$(if $(WERROR),-Werror)
# For what bison and flex write.
WARN_GENERATED := -Wall -Wno-unused-function -Wno-unused-but-set-variable \
	$(if $(WERROR),-Werror)

CPPFLAGS += -D_GNU_SOURCE $(if $(san)$(COV),,-D_FORTIFY_SOURCE=2) \
	$(if $(san),-DCALLGATE_ABORT_ON_BUG)
ALL_CFLAGS := -std=gnu11 $(CFLAGS) $(CPPFLAGS) -I. -I$(B) -MMD -MP \
	-fstack-protector-strong -fPIE \
	$(if $(san),-fsanitize=$(san) -fno-sanitize-recover=all \
	-fno-omit-frame-pointer) $(if $(COV),--coverage)
lint_flags := $(filter-out -MMD -MP,$(ALL_CFLAGS))
ALL_LDFLAGS := -pie -Wl,-z,relro,-z,now,--build-id $(LDFLAGS) \
	$(if $(san),-fsanitize=$(san)) $(if $(COV),--coverage)

# The program itself needs no library at run time: half of what a start costs
# would be ld.so's work.  STATIC= for a system without static libraries.
program_ldflags := $(if $(san)$(COV),,$(if $(STATIC),-static-pie))

# Libraries behind one door each: json-c in base/json.c, libseccomp in
# abi/scmp.c (tests only), Check in tests/unit.
LIBS        = $(shell pkg-config --libs json-c)
LIBS_CHECK  = $(shell pkg-config --libs check)
LIBS_ORACLE = $(shell pkg-config --libs libseccomp)

lib_src := $(wildcard base/*.c compiler/*.c compiler/*/*.c grammar/*.c \
	runtime/*.c) $(filter-out abi/scmp.c,$(wildcard abi/*.c))
lib_obj := $(lib_src:%.c=$(B)/%.o)
cli_obj := $(patsubst %.c,$(B)/%.o,$(wildcard cli/*.c))
# Headers that must exist before anything is compiled.
generated :=

# --- grammar: bison and flex, and the built-in profiles as C ----------------
builtin   := $(sort $(wildcard profiles/groups/*.gate))
lib_obj   += $(B)/grammar/parser.tab.o $(B)/grammar/scan.o \
	$(B)/grammar/builtin.o
generated += $(B)/grammar/parser.tab.h

$(B)/grammar/parser.tab.c $(B)/grammar/parser.tab.h &: grammar/parser.y
	@mkdir -p $(@D)
	$(Q)bison -Wall -Werror -Wno-yacc -o $(B)/grammar/parser.tab.c \
		--header=$(B)/grammar/parser.tab.h $<

$(B)/grammar/scan.c: grammar/lexer.l
	@mkdir -p $(@D)
	$(Q)flex -o $@ $<

$(B)/grammar/builtin.c: compiler/builtin.awk $(builtin) profiles/groups
	@mkdir -p $(@D)
	$(Q)LC_ALL=C awk -f $< $(builtin) >$@
# --- end of grammar ---------------------------------------------------------

# --- tables: abi/*.csv made C by a small program, which refuses what
# contradicts itself ---------------------------------------------------------
table_src := $(wildcard abi/generate/*.c)
table_csv := $(wildcard abi/*.csv)
generated += $(B)/abi/syscalls_table.h $(B)/abi/constants_table.h

build/generate/tables: $(table_src) abi/generate/csv.h
	@mkdir -p $(@D)
	$(Q)$(BUILD_CC) -std=gnu11 -O1 -D_GNU_SOURCE -I. $(WARN) -o $@ $(table_src)

$(B)/abi/%_table.h: build/generate/tables $(table_csv)
	@mkdir -p $(@D)
	$(Q)build/generate/tables $* abi >$@

$(B)/abi/syscalls.o: $(B)/abi/syscalls_table.h
$(B)/abi/constants.o: $(B)/abi/constants_table.h
# --- end of tables ----------------------------------------------------------

# --- the attacks: a static program without the library, part of callgate -----
attack     := build/attack/callgate-attack
attack_src := $(wildcard runtime/attack/*.c)

$(attack): $(attack_src) $(wildcard runtime/attack/*.[hd]*)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -Os -D_GNU_SOURCE -I. $(WARN) -static -s -o $@ \
		$(attack_src)

$(B)/runtime/attack_program.o: $(attack)
# --- end of attacks ---------------------------------------------------------

# --- tests: each file is a program of its own -------------------------------
unit_src   := $(wildcard tests/unit/test_*.c)
oracle_src := $(wildcard tests/oracle/*.c)
live_src   := $(wildcard tests/live/*.c)
fuzz_src   := $(wildcard tests/fuzz/fuzz_*.c)
bench_src  := $(wildcard tests/bench/*.c)
sim        := $(patsubst %.c,$(B)/%,$(wildcard tests/sim.c))
unit       := $(unit_src:%.c=$(B)/%)
oracle     := $(oracle_src:%.c=$(B)/%)
live       := $(live_src:%.c=$(B)/%)
bench      := $(bench_src:%.c=$(B)/%)
fuzzers    := $(fuzz_src:%.c=$(B)/%)
# An archive: a test links what it uses, and only judges need libseccomp.
support    := $(B)/tests/libsupport.a
# callgate with a part of the sweep in it; static, so that no loader comes first.
sweep      := $(B)/tests/sweep/callgate
scripts    := $(wildcard tests/live/*.sh)
scenarios  := $(wildcard tests/scenarios/s*.sh)
test_env    = CALLGATE=$(CURDIR)/$(B)/callgate SIM=$(CURDIR)/$(B)/tests/sim \
	SANITIZED=$(SAN) BUILD=$(CURDIR)/$(B) CALLGATE_CACHE=off
run_programs = $(test_env) tests/tools/run-programs

.SECONDARY:
all: $(if $(filter plain,$(variant)),build/callgate,$(B)/callgate)

build/callgate: $(B)/callgate
	$(Q)ln -sf $(variant)/callgate $@

$(B)/callgate: $(cli_obj) $(B)/libcallgate.a
	$(Q)$(CC) $(ALL_LDFLAGS) $(program_ldflags) -o $@ $(cli_obj) \
		$(B)/libcallgate.a $(LIBS)

$(B)/libcallgate.a: $(lib_obj)
	$(Q)rm -f $@
	$(Q)ar rcs $@ $^

$(B)/%.o: %.c $(B)/flags | $(generated)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(WARN) -c -o $@ $<

$(B)/grammar/parser.tab.o $(B)/grammar/scan.o $(B)/grammar/builtin.o: \
		%.o: %.c $(B)/flags \
		| $(generated)
	$(Q)$(CC) $(ALL_CFLAGS) $(WARN_GENERATED) -c -o $@ $<

# Touched only when the flags changed, so that other flags mean a rebuild.
flags_now := $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(program_ldflags)
$(B)/flags: $(if $(subst x$(flags_now),,x$(file <$(B)/flags)),force)
	@mkdir -p $(@D)
	@printf '%s\n' '$(flags_now)' >$@

$(support): $(patsubst %.c,$(B)/%.o,$(wildcard tests/support/*.c))
	$(Q)rm -f $@
	$(Q)ar rcs $@ $^

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(support) $(B)/libcallgate.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_CHECK) $(LIBS)

$(B)/tests/oracle/%: $(B)/tests/oracle/%.o $(support) $(B)/abi/scmp.o \
		$(B)/libcallgate.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_ORACLE) $(LIBS)

$(B)/tests/live/%: $(B)/tests/live/%.o $(support) $(B)/libcallgate.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(sweep): $(B)/tests/sweep/burn.o $(cli_obj) $(B)/libcallgate.a
	$(Q)$(CC) $(filter-out -pie,$(ALL_LDFLAGS)) -static \
		-Wl,--wrap=steps_apply,--wrap=init_main,--no-warnings -o $@ $^ $(LIBS)

$(B)/tests/sim: $(B)/tests/sim.o $(support) $(B)/abi/scmp.o $(B)/libcallgate.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_ORACLE) $(LIBS)

$(B)/tests/fuzz/%: $(B)/tests/fuzz/%.o $(support) $(B)/libcallgate.a
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)

# --- running them -----------------------------------------------------------
run-unit: $(unit)
	$(Q)$(run_programs) unit $(unit)
run-golden: $(B)/callgate $(sim)
	$(Q)$(test_env) tests/run $(T)
run-bogons: $(B)/callgate
	$(Q)$(test_env) tests/run --bogons
run-oracle: $(oracle)
	$(Q)$(run_programs) oracle $(oracle)
run-live: $(live) $(B)/callgate
	$(Q)$(run_programs) live $(live) $(scripts)
run-scenarios: $(B)/callgate
	$(Q)$(run_programs) scenarios $(scenarios)
run-sweep: $(sweep) $(B)/callgate
	$(Q)$(test_env) SWEEP=$(CURDIR)/$(sweep) tests/sweep/run "$(EVERY)" \
		"$(ERRORS)"
run-vm:
	+$(Q)MAKE='$(sub)' CC='$(CC)' tests/vm/run
run-docs: $(B)/callgate
	$(Q)$(test_env) tests/tools/check-docs
run-lint: $(lib_obj) $(cli_obj)
	$(Q)CC=$(CC) B=$(B) WARN='$(WARN)' ALL_CFLAGS='$(lint_flags)' \
		tests/tools/lint
run-fuzz-smoke:
	+$(Q)$(sub) FUZZ=1 fuzzers
	$(Q)tests/tools/fuzz-smoke $(fuzz_src)
fuzzers: $(fuzzers)

fast := run-lint run-unit run-golden run-bogons run-docs
full := $(fast) run-oracle run-live run-scenarios run-sweep \
	"SAN=address,undefined run-unit" "SAN=address,undefined run-golden" \
	"SAN=address,undefined run-bogons" run-fuzz-smoke

# --- what people type -------------------------------------------------------
## all            build/callgate (the default)
## install        to $PREFIX, below $DESTDIR
## check          everything that must be green; installs what it needs
## check-fast     lint, unit, golden, bogons, docs
## check-live     the parts that ask the kernel or need privileges
## check-sweep    each system call of a run made to fail (EVERY=1 ERRORS=...)
## check-vm       the scenarios on Debian's kernels under QEMU; T=FILES
## check-oracle   differential tests
## check-fresh    the README's commands in a minimal Debian root (as root)
## lint           includes, style, purity, headers alone, clang, shellcheck
## golden-update  T=TOPIC[/NAME]: rewrite expectations, show the difference
## fuzz           F=NAME TIME=60: one fuzz driver; fuzz-smoke: all, briefly
## coverage       lines run by the tests, functions that no test enters
## analyze        clang's static analyzer (slow)
## bench          instruction counts against tests/bench/sizes.tsv; how long
##                a start takes beside the floor and bubblewrap (as root)
## demo           real programs behind real profiles
## attack-compare the attacks of doctor under bubblewrap and firejail too
## deps           install what check and demo need
## dist           reproducible source archive, checked by building from it
## clean, help
##
## Knobs: SAN=address,undefined  COV=1  WERROR=1  V=1  CC=  CFLAGS=  T=  F=
## TIME=  PREFIX=  DESTDIR=  STATIC=; SAN and COV build in folders of their own.
check: ; +$(Q)tests/tools/install-deps check && \
	tests/tools/total "$(sub)" $(full)
check-fast: ; +$(Q)tests/tools/total "$(sub)" $(fast)
check-live: ; +$(Q)tests/tools/total "$(sub)" run-live run-scenarios
check-sweep: EVERY = 1
check-sweep: ERRORS = EPERM ENOMEM EINTR ENOSYS KILL
check-sweep: ; +$(Q)tests/tools/total "$(sub) EVERY=$(EVERY) \
	ERRORS='$(ERRORS)'" run-sweep
check-vm: ; +$(Q)tests/tools/install-deps check vm && \
	T='$(T)' tests/tools/total "$(sub)" run-vm
check-oracle: ; +$(Q)tests/tools/total "$(sub)" run-oracle
check-fresh: ; +$(Q)tests/tools/check-fresh
lint fuzz-smoke: %: ; +$(Q)tests/tools/total "$(sub)" run-$@

demo:
	$(Q)tests/tools/install-deps demo
	+$(Q)$(sub) all
	$(Q)CALLGATE=build/callgate tests/tools/demo

attack-compare:
	$(Q)tests/tools/install-deps compare
	+$(Q)$(sub) all
	$(Q)CALLGATE=build/callgate tests/tools/attack-compare

deps:
	$(Q)tests/tools/install-deps check demo

golden-update: $(B)/callgate $(sim)
	$(Q)$(test_env) tests/run --update $(T)

fuzz:
	$(Q)test -f tests/fuzz/fuzz_$(F).c || { echo "F= one of:" \
		$(patsubst tests/fuzz/fuzz_%.c,%,$(fuzz_src)) >&2; exit 2; }
	+$(Q)$(sub) FUZZ=1 build/fuzz/tests/fuzz/fuzz_$(F)
	$(Q)tests/tools/fuzz-run $(F) $(TIME)

coverage:
	+$(Q)$(sub) COV=1 run-coverage
run-coverage: $(unit) $(oracle) $(B)/callgate $(sim)
	$(Q)find $(B) -name '*.gcda' -delete
	-$(Q)$(run_programs) unit $(unit) $(oracle)
	-$(Q)$(test_env) tests/run
	$(Q)tests/tools/coverage-report $(B)

# What is timed is static, so that its own start is the kernel's alone.
$(B)/tests/bench/%: $(B)/tests/bench/%.o $(B)/libcallgate.a
	$(Q)$(CC) $(ALL_LDFLAGS) $(program_ldflags) -o $@ $^

bench: all $(bench)
	$(Q)tests/tools/install-deps bench
	$(Q)CALLGATE=$(CURDIR)/build/callgate BUILD=$(CURDIR)/$(B) \
		tests/bench/run
	$(Q)CALLGATE=$(CURDIR)/build/callgate BUILD=$(CURDIR)/$(B) \
		tests/bench/starts

install: all
	install -D -m 755 $(B)/callgate $(DESTDIR)$(PREFIX)/bin/callgate
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/man/man5
	install -m 644 docs/man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 docs/man/*.5 $(DESTDIR)$(PREFIX)/share/man/man5
	install -D -m 644 cli/completion.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/callgate
	install -d $(DESTDIR)$(PREFIX)/share/callgate/profiles
	cp -R profiles/. $(DESTDIR)$(PREFIX)/share/callgate/profiles

analyze:
	+$(Q)ANALYZE=1 ALL_CFLAGS='$(lint_flags)' tests/tools/check-clang
dist: ; +$(Q)tests/tools/dist build/dist

clean:
	rm -rf build

help:
	@sed -n "s/^## //p" Makefile

.PHONY: all analyze check check-fast check-live check-oracle check-sweep \
	check-fresh check-vm lint demo \
	deps golden-update fuzz fuzz-smoke fuzzers coverage bench install \
	attack-compare dist clean help force $(filter run-%,$(full)) run-coverage
.DELETE_ON_ERROR:

-include $(wildcard $(B)/*/*.d $(B)/*/*/*.d)
