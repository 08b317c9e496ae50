# abi.awk: of a preprocessed header with one declaration a line, write a C
# program that prints the binary interface: sizes and offsets, values, and the
# prototypes as they are.

function trim(s) {
	gsub(/[ \t]+/, " ", s)
	sub(/^ /, "", s)
	sub(/ $/, "", s)
	return s
}

# The names in a declaration of a member: "int a, b" has two.
function members(type, text,    n, i, name, parts) {
	n = split(text, parts, ",")
	for (i = 1; i <= n; i++) {
		name = parts[i]
		sub(/\[.*/, "", name)
		sub(/.*[ *]/, "", name)
		printf "\tprintf(\"%s.%s offset %%zu size %%zu\\n\", " \
		    "offsetof(%s, %s), sizeof(((%s *)0)->%s));\n", \
		    type, name, type, name, type, name
	}
}

BEGIN {
	print "#include <stddef.h>"
	print "#include <stdio.h>"
	print "#include <fdbroker.h>"
	print "int main(void)"
	print "{"
}

{ $0 = trim($0) }

$1 == "macro" {
	printf "\tprintf(\"%s %%llu\\n\", (unsigned long long)(%s));\n", $2, $2
	next
}
/^struct fdb_[a-z_]+ \{/ {
	type = $1 " " $2
	printf "\tprintf(\"%s size %%zu\\n\", sizeof(%s));\n", type, type
	text = $0
	sub(/^[^{]*\{/, "", text)
	sub(/\}.*/, "", text)
	n = split(text, parts, ";")
	for (i = 1; i <= n; i++)
		if (trim(parts[i]) != "")
			members(type, trim(parts[i]))
	next
}
/^enum fdb_[a-z_]+ \{/ {
	printf "\tprintf(\"%s size %%zu\\n\", sizeof(%s));\n", \
	    $1 " " $2, $1 " " $2
	text = $0
	sub(/^[^{]*\{/, "", text)
	sub(/\}.*/, "", text)
	n = split(text, parts, ",")
	for (i = 1; i <= n; i++) {
		name = trim(parts[i])
		sub(/ *=.*/, "", name)
		if (name != "")
			printf "\tprintf(\"%s %%d\\n\", (int)%s);\n", \
			    name, name
	}
	next
}
/[ *]fdb_[a-z_]+ ?\(/ {
	sub(/;$/, "")
	gsub(/\\|"/, "")
	printf "\tputs(\"%s\");\n", $0
}

END {
	print "\treturn 0;"
	print "}"
}
