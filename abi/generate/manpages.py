# SPDX-License-Identifier: Apache-2.0
"""Argument names from the SYNOPSIS sections of the section 2 man pages.

prototypes(folder) -> {call: [[(is_pointer, name), ...], ...]}, every
prototype that any page shows, with the C library's or the raw order.
"""
import glob
import gzip
import re

POINTER = {"sighandler_t", "caddr_t", "cap_user_header_t", "cap_user_data_t"}
MACRO = re.compile(r"^\.(B|I|BI|BR|IB|IR|RB|RI)\s+(.*)$")
PROTO = re.compile(r"\b(\w+)\s*\(((?:[^()]|\([^()]*\))*)\)\s*;")


def macro_text(line):
	m = MACRO.match(line)
	if not m:
		return "" if line.startswith((".", "'")) else line
	words = re.findall(r'"((?:[^"]|"")*)"|(\S+)', m[2])
	parts = [a or b for a, b in words]
	return " ".join(parts) if m[1] in "BI" else "".join(parts)


def synopsis(path):
	text = gzip.open(path, "rt", errors="replace").read()
	m = re.search(r'^\.SH "?SYNOPSIS"?$(.*?)^\.SH', text, re.M | re.S)
	if not m:
		return ""
	text = m[1].replace("\\\n", " ")
	text = "\n".join(macro_text(l) for l in text.split("\n"))
	text = re.sub(r"\\f.|\\[&|/,]", "", text).replace("\\-", "-")
	text = re.sub(r"/\*\s*arg\s*\*/", ", arg", text).replace(
		"... , arg", "long arg")
	text = re.sub(r"^\s*#.*$", "", text, flags=re.M)
	return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def one_argument(text):
	text = re.sub(r"_Nullable|restrict|_Atomic", " ", text).strip()
	if text in ("void", "") or "..." in text:
		return None
	fn = re.match(r".*\(\s*\*\s*(\w*)\s*\)", text)
	if fn:
		return (True, fn[1]) if fn[1] else None
	array = "[" in text
	text = re.sub(r"\[[^\]]*\]", "", text).strip()
	m = re.match(r"(.*?)(\w+)$", text)
	if not m or not m[1].strip():
		return None
	pointer = array or "*" in m[1] or m[1].split()[-1] in POINTER
	return (pointer, m[2])


def split_arguments(text):
	out, depth, word = [], 0, ""
	for c in text:
		depth += (c in "([") - (c in ")]")
		if c == "," and depth == 0:
			out.append(word)
			word = ""
		else:
			word += c
	return out + [word]


def prototypes(folder="/usr/share/man/man2"):
	found = {}
	for path in sorted(glob.glob(folder + "/*.2.gz")):
		for m in PROTO.finditer(synopsis(path)):
			name, words = m[1], split_arguments(m[2])
			if name == "syscall":
				name = words.pop(0).strip()[4:]
			args = []
			for word in words:
				arg = one_argument(word)
				if arg is None:
					break
				args.append(arg)
			found.setdefault(name, []).append(args)
	return found


if __name__ == "__main__":
	for call, protos in sorted(prototypes().items()):
		for args in protos:
			print(call, ", ".join("*" * p + n for p, n in args))
