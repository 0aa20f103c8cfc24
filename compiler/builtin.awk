# SPDX-License-Identifier: Apache-2.0
#
# builtin.awk - profiles/groups/*.gate as the C table of builtin.h
#
# Each line becomes a string literal; quotes and backslashes are escaped.

FNR == 1 {
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.gate$/, "", name)
	names[++n] = name
}

{
	gsub(/\\/, "&&")
	gsub(/"/, "\\042")
	gsub(/\r/, "\\r")
	gsub(/\?/, "\\077")
	text[name] = text[name] "\t  \"" $0 "\\n\"\n"
}

END {
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && names[j - 1] > names[j]; j--) {
			name = names[j]
			names[j] = names[j - 1]
			names[j - 1] = name
		}
	print "/* Made by builtin.awk; SPDX-License-Identifier: Apache-2.0 */"
	print "#include \"compiler/builtin.h\"\n"
	for (i = 1; i <= n; i++)
		printf "static const char text_%d[] =\n%s\t;\n\n", i,
		       text[names[i]]
	print "const struct builtin_file builtin_files[] = {"
	for (i = 1; i <= n; i++)
		printf "\t{ \"groups/%s.gate\", \"@%s\", text_%d, " \
		       "sizeof(text_%d) - 1 },\n", names[i], names[i], i, i
	print "\t{ NULL, NULL, NULL, 0 },\n};\n"
	printf "const size_t builtin_files_len = %d;\n", n
}
