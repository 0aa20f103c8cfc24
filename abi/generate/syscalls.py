# SPDX-License-Identifier: Apache-2.0
"""Makes abi/syscalls.csv and abi/signatures.csv again.

usage: syscalls.py FOLDER   (the kernel's tables and prototype listings)

Numbers and names come from the kernel's syscall tables, positions and
types from the prototype of the handler that the ABI's table names, names
of arguments from the man pages where number and kind of the arguments
agree (names.csv decides the rest), with the kernel's names as aliases.
"""
import csv
import os
import re
import sys
from collections import OrderedDict

import manpages

HERE = os.path.dirname(os.path.abspath(__file__))
SRC = sys.argv[1]
OUT = os.path.dirname(HERE)

# ABI: prototype listing, table, the table's column values, word bits.
ABIS = OrderedDict([
	("x86_64", ("x86_64_x64", "arch__x86__entry__syscalls__syscall_64",
		    "common 64", 64)),
	("i386", ("x86_64_ia32", "arch__x86__entry__syscalls__syscall_32",
		  "i386", 32)),
	("x32", ("x86_64_x32", "arch__x86__entry__syscalls__syscall_64",
		 "common x32", 64)),
	("aarch64", ("arm64_64_aarch64", "arch__arm64__tools__syscall_64",
		     "common 64 renameat rlimit memfd_secret", 64)),
	("arm", ("arm64_64_aarch32", "arch__arm__tools__syscall",
		 "common eabi", 32)),
	("riscv64", ("riscv_64_rv64", "scripts__syscall",
		     "common 64 riscv rlimit memfd_secret", 64)),
	("s390x", ("s390_64_s390x", "arch__s390__kernel__syscalls__syscall",
		   "common 64", 64)),
	("ppc64le", ("powerpc_64_ppc64",
		     "arch__powerpc__kernel__syscalls__syscall",
		     "common 64 nospu", 64)),
])
X32_BIT = 0x40000000
FIRST_AFTER_TABLES = 463  # the tables are those of 6.12
RESERVED = set("if in has any only and or not except".split())

FIXED = {
	"int": "s32", "unsigned int": "u32", "unsigned": "u32", "uint": "u32",
	"pid_t": "s32", "u32": "u32", "__u32": "u32", "__s32": "s32",
	"umode_t": "u16", "compat_mode_t": "u16", "uid_t": "u32",
	"gid_t": "u32", "loff_t": "s64", "clockid_t": "s32", "timer_t": "s32",
	"mqd_t": "s32", "key_t": "s32", "qid_t": "u32",
	"key_serial_t": "s32", "rwf_t": "s32", "compat_size_t": "u32",
	"compat_ulong_t": "u32", "compat_long_t": "s32",
	"compat_pid_t": "s32", "compat_off_t": "s32",
	"compat_ssize_t": "s32", "compat_aio_context_t": "u32",
	"compat_uptr_t": "ptr32", "old_uid_t": "u16", "old_gid_t": "u16",
	"__u64": "u64", "u64": "u64", "enum landlock_rule_type": "u32",
}
WORD = {
	"unsigned long": "ulong", "size_t": "ulong", "long": "long",
	"off_t": "long", "aio_context_t": "ulong", "old_sigset_t": "ulong",
	"uintptr_t": "ulong", "ssize_t": "long",
}
SHORT_WORD = {"compat_size_t", "compat_ulong_t", "compat_long_t",
	      "compat_off_t", "compat_ssize_t", "compat_aio_context_t"}
POINTER = {"cap_user_header_t", "cap_user_data_t", "__sighandler_t"}
LOW = re.compile(r"^(.*?)_?(lo|low)$")
HIGH = re.compile(r"^(.*?)_?(hi|high)$")


def read_table(name, columns):
	names, entries = {}, {}
	path = f"{SRC}/linux-6.12.117__{name}.tbl"
	for line in open(path):
		words = line.split("#")[0].split()
		if len(words) < 3 or words[1] not in columns.split():
			continue
		nr = int(words[0])
		names[nr] = words[2]
		entries[nr] = words[3] if len(words) > 3 else "-"
	return names, entries


def read_prototypes(name):
	path = f"{SRC}/mebeim__{name}__v6.17.csv"
	return {int(r["nr"]): (r["name"], r["symbol"], r["signature"])
		for r in csv.DictReader(open(path))}


def rows(name):
	path = os.path.join(HERE, name)
	lines = [l for l in open(path) if l.strip() and l[0] != "#"]
	return list(csv.DictReader(lines))


def type_code(ctype, word):
	if "*" in ctype:
		return "ptr"
	ctype = re.sub(r"\bconst\b", "", ctype).strip()
	if ctype in POINTER:
		return "ptr"
	if ctype in WORD:
		return WORD[ctype]
	code = FIXED[ctype]
	if word == 32 and (code[1:] == "64" or ctype in SHORT_WORD):
		return "ulong" if code[0] == "u" else "long"
	return code


def c_arguments(text, word):
	out = []
	for part in text.split(";"):
		part = part.strip()
		if not part:
			continue
		m = re.match(r"(.*?)(\w+)$", part)
		out.append((m[2].lstrip("_"), type_code(m[1], word)))
	return out


def merge_halves(call, args, word):
	"""[(name, type, reg, reg_hi)]: pads dropped, halves made one."""
	out, i = [], 0
	while i < len(args):
		name, code = args[i]
		low, high = LOW.match(name), None
		if i + 1 < len(args):
			high = HIGH.match(args[i + 1][0])
		if name == "pad":
			i += 1
		elif name == "pos_l" and word == 64:
			# The high half is shifted out on 64-bit kernels.
			out.append(("pos", "s64", i, None))
			i += 2
		elif low and high and low[1] == high[1] and word == 32 \
				and "llseek" not in call:
			sign = "u" if low[1] in ("mask", "cookie") else "s"
			out.append((low[1], sign + "64", i, i + 1))
			i += 2
		else:
			out.append((name, code, i, None))
			i += 1
	return out


PAGE_OF = {r["call"]: r["page"] for r in rows("pages.csv")}


def page_names(call, protos):
	if call in PAGE_OF:
		return [PAGE_OF[call]] if PAGE_OF[call] != "-" else []
	tries = [call]
	for suffix in ("_time64", "64", "32", "_time32"):
		if call.endswith(suffix):
			tries.append(call[:-len(suffix)])
	if call.startswith("rt_"):
		tries.append(call[3:])
	return [t for t in tries if t in protos]


def fits(proto, args):
	"""The page's arguments are a prefix of the kernel's, kind for kind."""
	if not proto or len(proto) > len(args):
		return False
	for (pointer, _), (_, code, _, _) in zip(proto, args):
		is_pointer = code[0] == "p"
		if is_pointer and not pointer:
			return False
		if pointer and not is_pointer and code not in ("ulong", "long", "u32", "s32"):
			return False
	return True


def man_names(call, args, protos):
	best = []
	for page in page_names(call, protos):
		for proto in protos.get(page, []):
			if fits(proto, args) and len(proto) > len(best):
				best = proto
		if best:
			break
	return [name for _, name in best]


RENAMES = {}
for row in rows("names.csv"):
	for call in row["calls"].split():
		RENAMES[call, row["kernel"]] = row


def named(call, args, protos, report):
	"""Adds names: [(name, aliases, type, reg, reg_hi)]."""
	man = man_names(call, args, protos)
	if len(man) < len(args):
		report.append((call, [a[0] for a in args], man))
	out = []
	for i, (kernel, code, reg, hi) in enumerate(args):
		name = man[i] if i < len(man) else kernel
		aliases = [kernel]
		row = RENAMES.get((call, kernel))
		if row:
			aliases = [name, kernel] + row["aliases"].split()
			name = row["name"]
		if name == "dirfd" and code == "u32":
			code = "s32"  # AT_FDCWD is negative everywhere
		out.append((name, aliases, code, reg, hi))
	return out


def read_abi(abi):
	listing, table, columns, _ = ABIS[abi]
	bit = X32_BIT if abi == "x32" else 0
	names, entries = read_table(table, columns)
	protos = {nr - bit: p for nr, p in read_prototypes(listing).items()}
	for nr, proto in protos.items():
		if nr not in names:
			if nr < FIRST_AFTER_TABLES and nr not in (335, 336):
				sys.exit(f"{abi} {nr} {proto[0]}: not in the table")
			names[nr] = proto[0]
			entries[nr] = proto[1]
	calls = {}
	for nr, name in names.items():
		symbol, text = None, None
		if nr in protos:
			symbol = re.sub(r"^__\w*?_(?=(compat_)?sys_)", "",
					protos[nr][1])
			text = protos[nr][2]
		calls[name] = [nr + bit, symbol, text, entries[nr]]
	return calls


def add_by_hand(tables):
	for row in rows("handlers.csv"):
		for abi in row["abis"].split():
			call = tables[abi].setdefault(row["call"],
						      [None] * 4)
			if row["nr"]:
				bit = X32_BIT if abi == "x32" else 0
				call[0] = int(row["nr"], 0) + bit
			if row["handler"] != "-":
				call[1:3] = row["handler"], row["arguments"]


def union_aliases(per_abi):
	"""One name per register use: the first ABI's names lead."""
	known = {}
	for args in per_abi.values():
		for name, aliases, *_ in args:
			known.setdefault(name, []).extend(aliases)
	for abi, args in per_abi.items():
		used = {a[0] for a in args}
		sure = {}
		for a in args:
			for alias in a[1]:
				sure.setdefault(alias, set()).add(a[0])
		out = []
		for name, aliases, code, reg, hi in args:
			keep = []
			for alias in aliases + known[name]:
				if alias in used or alias in RESERVED or \
				   alias in keep or \
				   sure.get(alias, {name}) != {name} or \
				   any(alias in o for n, o in known.items()
				       if n != name):
					continue
				keep.append(alias)
			out.append((name, keep, code, reg, hi))
		per_abi[abi] = out


def argument_text(arg):
	name, aliases, code, reg, hi = arg
	regs = str(reg) if hi is None else f"{reg}+{hi}"
	return "|".join([name] + aliases) + f":{code}@{regs}"


def align_unpaged(call, per_abi, protos):
	"""Calls without a page: the first ABI's names rule where shapes agree."""
	lead = next(iter(per_abi.values()))
	for abi, args in per_abi.items():
		if len(args) != len(lead):
			continue
		if any((a[2][0] == "p") != (b[2][0] == "p")
		       for a, b in zip(args, lead)):
			continue
		names = {a[0] for a in args}
		for i, (mine, its) in enumerate(zip(args, lead)):
			if mine[0] != its[0] and its[0] not in names:
				args[i] = (its[0], mine[1] + [mine[0]]) + mine[2:]


def main():
	protos = manpages.prototypes()
	tables = {abi: read_abi(abi) for abi in ABIS}
	add_by_hand(tables)
	report, missing = [], []
	calls = sorted({name for t in tables.values() for name in t})
	numbers = open(f"{OUT}/syscalls.csv", "w")
	numbers.write("name," + ",".join(ABIS) + "\n")
	signatures = open(f"{OUT}/signatures.csv", "w")
	signatures.write("call,abis,handler,arguments\n")
	for call in calls:
		cells, per_abi, handler = [], OrderedDict(), {}
		for abi, table in tables.items():
			if call not in table:
				cells.append("")
				continue
			nr, symbol, text, entry = table[call]
			cells.append(str(nr) if abi != "x32" else f"0x{nr:x}")
			if text is None:
				missing.append((abi, call, nr, entry))
				continue
			word = ABIS[abi][3]
			args = merge_halves(call, c_arguments(text, word), word)
			per_abi[abi] = named(call, args, protos, report)
			handler[abi] = symbol
		numbers.write(",".join([call] + cells) + "\n")
		if not per_abi:
			continue
		align_unpaged(call, per_abi, protos)
		union_aliases(per_abi)
		groups = OrderedDict()
		for abi, args in per_abi.items():
			text = "; ".join(map(argument_text, args))
			groups.setdefault((handler[abi], text), []).append(abi)
		for (symbol, text), abis in groups.items():
			signatures.write(f"{call},{' '.join(abis)},{symbol},{text}\n")
	if os.environ.get("REPORT"):
		for abi, call, nr, entry in missing:
			print("no handler:", abi, call, nr, entry)
		seen = set()
		for call, kernel, man in report:
			key = (call, tuple(kernel))
			if kernel and key not in seen:
				seen.add(key)
				print("no page:", call, kernel, man)


main()
