# SPDX-License-Identifier: Apache-2.0
"""Makes abi/constants.csv again from the headers of every ABI.

usage: constants.py   (needs clang and the linux-libc-dev packages of all
ABIs; the C library's headers of this machine for what those leave out)

families.csv says which names of which header belong to which family; an
ioctl request is every macro made with _IO, _IOR, _IOW or _IOWR in any
header, and the names of asm/ioctls.h and linux/sockios.h.
"""
import csv
import fnmatch
import glob
import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
from collections import OrderedDict

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.dirname(HERE)
HOST = "/usr/include/x86_64-linux-gnu"
ABIS = OrderedDict([
	("x86_64", ("x86_64-linux-gnu", [HOST, "/usr/include"])),
	("i386", ("i386-linux-gnu", ["/usr/i686-linux-gnu/include"])),
	("x32", ("x86_64-linux-gnux32", [HOST, "/usr/include"])),
	("aarch64", ("aarch64-linux-gnu", ["/usr/aarch64-linux-gnu/include"])),
	("arm", ("arm-linux-gnueabihf",
		 ["/usr/arm-linux-gnueabihf/include"])),
	("riscv64", ("riscv64-linux-gnu",
		     ["/usr/riscv64-linux-gnu/include"])),
	("s390x", ("s390x-linux-gnu", ["/usr/s390x-linux-gnu/include"])),
	("ppc64le", ("powerpc64le-linux-gnu",
		     ["/usr/powerpc64le-linux-gnu/include"])),
])
CLANG = "clang-14"
RESOURCES = subprocess.run([CLANG, "-print-resource-dir"], text=True,
			   capture_output=True).stdout.strip()
PRELUDE = ["stddef.h", "stdint.h", "linux/types.h", "linux/socket.h",
	   "linux/time.h", "linux/ioctl.h", "asm/termbits.h",
	   "asm/ioctls.h"]
IOCTL_DIRS = "linux asm mtd sound scsi misc video rdma linux/* sound/*".split()
IOCTL_PLAIN = re.compile(r"^(TIO|TC[GSFX]|FIO|SIOC|TCSBRK)\w*$")
NEVER = re.compile(r"^(SIOCDEVPRIVATE|SIOCPROTOPRIVATE|_.*|.*_IOC_?|"
		   r"SIOCIWFIRST|SIOCIWLAST.*|SIOC_IOC.*)$")
NAME = re.compile(r"^[A-Z_][A-Za-z0-9_]*$")


def flags(abi, libc):
	if libc:
		return ["-D_GNU_SOURCE"]
	triple, folders = ABIS[abi]
	out = ["-target", triple, "-nostdinc", "-ffreestanding",
	       "-isystem", RESOURCES + "/include"]
	for folder in folders:
		out += ["-isystem", folder]
	return out


def source(header, libc):
	names = [] if libc else PRELUDE
	if header == "linux/time.h":
		names = [n for n in names if n != "linux/time.h"]
	return "".join(f"#include <{n}>\n" for n in names + [header])


def clang(text, args):
	return subprocess.run([CLANG, "-x", "c", "-w", "-ferror-limit=0", "-",
			       "-o", "-"] + args, input=text, text=True,
			      capture_output=True)


def names_of(header, abi, libc, enums):
	"""{name: macro body, or None for an enumerator}."""
	text, args = source(header, libc), flags(abi, libc)
	macros = clang(text, args + ["-E", "-dM"])
	if macros.returncode:
		return {}
	found = {}
	for line in macros.stdout.split("\n"):
		m = re.match(r"#define (\w+) (.+)$", line)
		if m:
			found[m[1]] = m[2]
	if not enums:
		return found
	plain = clang(text, args + ["-E", "-P"]).stdout
	for body in re.findall(r"\benum\s*\w*\s*\{([^}]*)\}", plain):
		for item in body.split(","):
			m = re.match(r"\s*(\w+)\s*(=|$)", item)
			if m:
				found.setdefault(m[1], None)
	return found


def evaluate(header, abi, libc, names):
	"""{name: value}; what is no integer constant is left out."""
	names, args = list(names), flags(abi, libc)
	if not names:
		return {}
	for _ in range(6):
		text = source(header, libc)
		first = text.count("\n") + 1
		for i, name in enumerate(names):
			text += f"long long v_{i} = (long long)({name});\n"
		run = clang(text, args + ["-S", "-emit-llvm"])
		if not run.returncode:
			break
		bad = {int(n) for n in re.findall(r"^<stdin>:(\d+):\d+: error",
						  run.stderr, re.M)}
		bad = {n - first for n in bad if n >= first}
		if not bad:
			return {}
		names = [n for i, n in enumerate(names) if i not in bad]
	else:
		return {}
	out = {}
	for m in re.finditer(r"^@v_(\d+) = .*?global i64 (-?\d+)", run.stdout,
			     re.M):
		out[names[int(m[1])]] = int(m[2])
	return out


def rows(path):
	return list(csv.DictReader(l for l in open(path)
				   if l.strip() and l[0] != "#"))


def member_specs():
	"""[(family, [(header, [globs])], [globs taken away])]."""
	out = []
	for row in rows(f"{OUT}/families.csv"):
		takes, drops = [], []
		for word in row["members"].split():
			if word == "@ioctl":
				takes.append((word, []))
			elif word[0] == "!":
				drops.append(word[1:])
			elif ":" in word:
				header, pattern = word.split(":")
				takes.append((header, [pattern]))
			else:
				takes[-1][1].append(word)
		out.append((row["family"], takes, drops))
	return out


def matches(name, globs):
	return any(fnmatch.fnmatchcase(name, g) for g in globs)


def ioctl_headers(abi):
	folders = ABIS[abi][1]
	found = set()
	for folder in folders:
		for sub in IOCTL_DIRS:
			for path in glob.glob(f"{folder}/{sub}/*.h"):
				if re.search(r"\b_IO[RW]*\s*\(|SIOC|ioctls",
					     open(path).read()):
					found.add(os.path.relpath(path, folder))
	return sorted(found)


def header_values(job):
	header, abi, globs, want_ioctl = job
	libc = header.startswith("libc/")
	path = header[5:] if libc else header
	names, ioctls = names_of(path, abi, libc, bool(globs)), []
	plain = path in ("asm/ioctls.h", "linux/sockios.h", "asm/sockios.h")
	if want_ioctl:
		ioctls = [n for n, b in names.items() if b and NAME.match(n)
			  and not NEVER.match(n)
			  and (re.match(r"^_IO[RW]*\s*\(", b)
			       or plain and IOCTL_PLAIN.match(n))]
	chosen = [n for n in names if matches(n, globs)]
	return (header, abi, evaluate(path, abi, libc, chosen + ioctls),
		set(ioctls))


def jobs_of(specs):
	globs = {}
	for _, takes, drops in specs:
		for header, patterns in takes:
			if header != "@ioctl":
				globs.setdefault(header, []).extend(patterns)
	for abi in ABIS:
		seen = set()
		for header, patterns in globs.items():
			libc = header.startswith("libc/")
			seen.add(header)
			yield (header, "x86_64" if libc else abi, patterns,
			       not libc)
		for header in ioctl_headers(abi):
			if header not in seen:
				yield (header, abi, [], True)


def cell(values):
	"""values per ABI: the commonest first, then the ABIs that differ."""
	have = [v for v in values.values() if v is not None]
	common = max(set(have), key=lambda v: (have.count(v), -have.index(v)))
	words = [number(common)]
	for abi, value in values.items():
		if value is None:
			words.append(f"{abi}:-")
		elif value != common:
			words.append(f"{abi}:{number(value)}")
	return " ".join(words)


def number(v):
	return str(v) if -4096 < v < 4096 else hex(v)


def parse_cell(text):
	values = {}
	for word in text.split():
		abi, _, value = word.rpartition(":")
		for one in [abi] if abi else ABIS:
			values[one] = int(value, 0)
	return {abi: values.get(abi) for abi in ABIS}


def main():
	specs = member_specs()
	by_header, ioctl = {}, {}
	with multiprocessing.Pool(2) as pool:
		for header, abi, values, requests in pool.imap_unordered(
				header_values, list(jobs_of(specs)), 16):
			for name, value in values.items():
				for one in ABIS if header[:5] == "libc/" \
						else [abi]:
					by_header.setdefault((header, one),
							     {})[name] = value
				if name in requests:
					ioctl.setdefault(name, {}).setdefault(
						abi, {})[header] = value
	table = OrderedDict()
	for family, takes, drops in specs:
		for header, patterns in takes:
			for abi in ABIS:
				found = by_header.get((header, abi), {})
				if header == "@ioctl":
					found = one_value(ioctl, abi)
					patterns = ["*"]
				for name, value in found.items():
					if matches(name, patterns) and \
					   not matches(name, drops):
						add(table, name, family, abi,
						    value)
	for row in rows(f"{HERE}/extra_constants.csv"):
		for abi, value in parse_cell(row["value"]).items():
			for family in row["families"].split() or [None]:
				if value is not None:
					add(table, row["name"], family, abi,
					    value)
	write(table)


def one_value(ioctl, abi):
	out = {}
	for name, per_abi in ioctl.items():
		found = per_abi.get(abi, {})
		if len(set(found.values())) == 1:
			out[name] = next(iter(found.values()))
		elif found:
			print("two meanings:", abi, name, found)
	return out


def add(table, name, family, abi, value):
	families, values = table.setdefault(name, ([], {}))
	if family and family not in families:
		families.append(family)
	if values.setdefault(abi, value) != value:
		sys.exit(f"{name}: {values[abi]} and {value} on {abi}")


def write(table):
	with open(f"{OUT}/constants.csv", "w") as out:
		out.write("name,families,value\n")
		for name in sorted(table):
			families, values = table[name]
			values = {abi: values.get(abi) for abi in ABIS}
			out.write(f"{name},{' '.join(families)},"
				  f"{cell(values)}\n")


if __name__ == "__main__":
	main()
