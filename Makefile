# SPDX-License-Identifier: Apache-2.0
#
# callgate: the only makefile.  `make help` lists the targets and knobs.

SAN     ?=
CC      ?= cc
PREFIX  ?= /usr/local
DESTDIR ?=
V       ?=
WERROR  ?=

ifeq ($(origin CC),default)
CC := gcc
endif

variant := $(if $(SAN),$(subst $(comma),-,$(SAN)),plain)
comma   := ,
B       := build/$(if $(SAN),$(subst $(comma),-,$(SAN)),plain)
Q       := $(if $(V),,@)

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
        -Wswitch-enum -Wvla -Wformat=2 -Wundef -Wwrite-strings \
        $(if $(WERROR),-Werror)

CFLAGS   ?= -O2 -g
CPPFLAGS += -D_GNU_SOURCE -D_FORTIFY_SOURCE=$(if $(SAN),0,2)
ALL_CFLAGS := -std=gnu11 $(CFLAGS) $(CPPFLAGS) -I. -I$(B) -MMD -MP \
        -fstack-protector-strong -fPIE \
        $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all)
ALL_LDFLAGS := -pie -Wl,-z,relro,-z,now $(LDFLAGS) \
        $(if $(SAN),-fsanitize=$(SAN))

# Libraries behind one door each: json-c in base/json.c, libcap in
# runtime/caps.c, libseccomp in abi/scmp.c (tests only), Check in tests/unit.
LIBS := -ljson-c -lcap

lib_src := $(wildcard base/*.c compiler/*.c compiler/formats/*.c runtime/*.c) \
           $(filter-out abi/scmp.c,$(wildcard abi/*.c))
lib_obj := $(lib_src:%.c=$(B)/%.o)
cli_obj := $(patsubst %.c,$(B)/%.o,$(wildcard cli/*.c))

all: build/callgate

build/callgate: $(B)/callgate
	$(Q)ln -sf $(variant)/callgate $@

$(B)/callgate: $(cli_obj) $(B)/libcallgate.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(cli_obj) $(B)/libcallgate.a $(LIBS)

$(B)/libcallgate.a: $(lib_obj)
	$(Q)rm -f $@
	$(Q)ar rcs $@ $^

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(WARN) -c -o $@ $<

clean:
	rm -rf build

.PHONY: all clean
.DELETE_ON_ERROR:

-include $(lib_obj:.o=.d) $(cli_obj:.o=.d)
