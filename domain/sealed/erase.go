package sealed

// WithoutPerson gives a sealed body with its person part emptied; the rest stays to the byte. It needs no key.
func WithoutPerson(body []byte) ([]byte, error) {
	parsed, err := Parse(body)
	if err != nil {
		return nil, err
	}
	return body[: len(body)-len(parsed.person) : len(body)-len(parsed.person)], nil
}
