package commitment

import "fmt"

// members calls f with each member of a canonical JSON object, in order. The names of a ticket's members are plain ASCII.
func members(object []byte, f func(name string, value []byte) error) error {
	return each(object, '{', '}', func(_ int, item []byte) error {
		nameEnd := skipValue(item, 0)
		if nameEnd < 2 || nameEnd >= len(item) || item[nameEnd] != ':' {
			return fmt.Errorf("not a canonical member: %.20q", item)
		}
		return f(string(item[1:nameEnd-1]), item[nameEnd+1:])
	})
}

// elements calls f with each element of a canonical JSON array, in order.
func elements(array []byte, f func(i int, element []byte) error) error {
	return each(array, '[', ']', f)
}

// each walks the comma-separated items between two brackets. Canonical JSON has no white space.
func each(text []byte, open, closing byte, f func(i int, item []byte) error) error {
	if len(text) < 2 || text[0] != open || text[len(text)-1] != closing {
		return fmt.Errorf("not canonical JSON in %c%c: %.20q", open, closing, text)
	}
	text = text[1 : len(text)-1]
	for i := 0; len(text) > 0; i++ {
		end := itemEnd(text)
		if err := f(i, text[:end]); err != nil {
			return err
		}
		if end == len(text) {
			return nil
		}
		text = text[end+1:]
	}
	return nil
}

// itemEnd is the index of the comma that ends the first item, or the length.
func itemEnd(text []byte) int {
	for i := 0; i < len(text); {
		if text[i] == ',' {
			return i
		}
		i = skipValue(text, i)
	}
	return len(text)
}

// skipValue steps over one string, one bracketed value or one other character.
func skipValue(text []byte, i int) int {
	switch text[i] {
	case '"':
		for i++; i < len(text) && text[i] != '"'; i++ {
			if text[i] == '\\' {
				i++
			}
		}
		return min(i+1, len(text))
	case '{', '[':
		return skipBrackets(text, i)
	}
	return i + 1
}

func skipBrackets(text []byte, i int) int {
	for depth := 0; i < len(text); {
		switch text[i] {
		case '"':
			i = skipValue(text, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if i++; depth == 0 {
			return i
		}
	}
	return i
}

func appendMember(dst []byte, name string, value []byte) []byte {
	if len(dst) > 1 {
		dst = append(dst, ',')
	}
	dst = append(dst, '"')
	dst = append(dst, name...)
	dst = append(dst, '"', ':')
	return append(dst, value...)
}
