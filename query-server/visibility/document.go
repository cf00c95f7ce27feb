package visibility

import (
	"fmt"
	"strings"
)

// Document prints the tables as docs/visibility.md.
func Document() string {
	var out strings.Builder
	out.WriteString(`# Who sees what

Printed from ` + "`query-server/visibility`" + `; a test fails when the two differ (` + "`go test ./visibility -update`" + ` prints it anew).
*own*: what is another's is not found. *–*: the role may not ask at all. A store's own are the stores of its token, or all
stores of a chain for its head office.

## Calls

The handler refuses a role that may not ask, and narrows every query to the caller of the verified token.

`)
	header(&out, "what")
	for _, r := range Resources {
		what := r.Name
		if r.Note != "" {
			what += " (" + r.Note + ")"
		}
		row(&out, what+"<br>"+code(r.Calls), r.Reaches)
	}
	out.WriteString(`
## The database

The same again, for a query that forgets its condition: forced row-level security and grants of columns. Of relations that
are not listed, these roles read nothing.

`)
	header(&out, "relation")
	for _, r := range Relations {
		what := "`" + r.Name + "`"
		if r.Note != "" {
			what += " (" + r.Note + ")"
		}
		row(&out, what, r.Reaches)
	}
	return out.String()
}

func header(out *strings.Builder, what string) {
	fmt.Fprintf(out, "| %s | %s |\n|---|%s\n", what, strings.Join(Roles, " | "), strings.Repeat("---|", len(Roles)))
}

func row(out *strings.Builder, what string, reaches Reaches) {
	fmt.Fprintf(out, "| %s |", what)
	for _, role := range Roles {
		reach := string(reaches.Of(role))
		if reach == "" {
			reach = "–"
		}
		fmt.Fprintf(out, " %s |", reach)
	}
	out.WriteString("\n")
}

func code(calls []string) string {
	return "`" + strings.Join(calls, "`<br>`") + "`"
}
