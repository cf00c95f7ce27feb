#!/usr/bin/env python3
"""A second verifier of proof bundles, written from docs/proof.md alone, with nothing but Python's standard library.

usage: verify.py OPERATOR-KEY-FILE WITNESS-KEY-FILE BUNDLE...

Prints one line a bundle, "proven" or "refused: why"; exits with 1 if one was refused. It is for the tests: its Ed25519 is
slow, and takes no care of side channels, which do not matter to who only verifies.
"""
import base64
import hashlib
import json
import sys

# Ed25519, RFC 8032, section 5.1 ------------------------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def add(a, b):
    x1, y1, x2, y2 = *a, *b
    t = D * x1 * x2 * y1 * y2 % P
    return ((x1 * y2 + x2 * y1) * pow(1 + t, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - t, -1, P) % P)


def multiply(n, point):
    result = (0, 1)
    for bit in bin(n)[2:]:
        result = add(result, result)
        if bit == "1":
            result = add(result, point)
    return result


def decompress(encoded):
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        raise ValueError("not a point")
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square or (x == 0 and sign):
        raise ValueError("not a point")
    return (P - x if x % 2 != sign else x, y)


def compress(point):
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


BASE = decompress((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def ed25519(public, message, signature):
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % L
    x, y = decompress(public)
    return compress(add(multiply(s, BASE), multiply(k, (P - x, y)))) == r


# The parts of a bundle ---------------------------------------------------------------------------------------------


class Refused(Exception):
    pass


def require(condition, why):
    if not condition:
        raise Refused(why)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def canonical(value):
    """RFC 8785, for values whose numbers are integers."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(canonical(name) + ":" + canonical(value[name]) for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, float) or isinstance(value, int) and not isinstance(value, bool):
        require(isinstance(value, int) and abs(value) < 2**53, "a number is not an integer")
    return json.dumps(value, ensure_ascii=False)


def once(pairs):
    require(len(dict(pairs)) == len(pairs), "a member stands twice")
    return dict(pairs)


def members(value, names):
    require(isinstance(value, dict) and sorted(value) == sorted(names), "members are missing or unknown")
    return [value[name] for name in names]


def hash_of(text):
    require(isinstance(text, str) and len(text) == 64 and set(text) <= set("0123456789abcdef"), "not a hash")
    return bytes.fromhex(text)


def number(value):
    require(isinstance(value, int) and not isinstance(value, bool) and value >= 0, "not a number")
    return value


def read_base64(text):
    decoded = base64.b64decode(text, validate=True)
    require(base64.b64encode(decoded).decode() == text, "base64 is not in its one form")
    return decoded


FIXED = ["account", "entryId", "eligible", "businessDayDate", "reference", "undoes", "redemptions"]


def commitment(ticket):
    shown, siblings, size = members(ticket, ["shown", "siblings", "size"])
    siblings = [hash_of(text) for text in siblings]
    require(64 <= number(size) <= 8192 and size & (size - 1) == 0 and shown, "not a tree")
    known, leaves, before = [], [], -1
    for leaf in shown:
        label, position, salt, value = members(leaf, ["label", "position", "salt", "value"])
        require(before < number(position) < size, "positions are out of order")
        before = position
        if label in FIXED:
            require(position == FIXED.index(label), "a label is out of its place")
        else:
            require(position >= 8, "a label is out of its place")
        name = label.encode()
        digest = sha256(b"\x10", hash_of(salt), len(name).to_bytes(2, "big"), name, canonical(value).encode())
        known.append((position, digest))
        leaves.append((label, value, digest))
    while size > 1:
        above, i = [], 0
        while i < len(known):
            position, digest = known[i]
            if i + 1 < len(known) and known[i + 1][0] == position ^ 1:
                pair = digest + known[i + 1][1]
                i += 1
            else:
                require(siblings, "too few siblings")
                sibling = siblings.pop(0)
                pair = sibling + digest if position % 2 else digest + sibling
            above.append((position // 2, sha256(b"\x11", pair)))
            i += 1
        known, size = above, size // 2
    require(not siblings, "too many siblings")
    return known[0][1], leaves


def root_of_log(leaf, index, size, path):
    require(index < size, "the index is beyond the log")
    f, s, r = index, size - 1, leaf
    for p in path:
        require(s != 0, "the path is too long")
        if f % 2 == 1 or f == s:
            r = sha256(b"\x01", p, r)
            while f % 2 == 0 and f != 0:
                f, s = f >> 1, s >> 1
        else:
            r = sha256(b"\x01", r, p)
        f, s = f >> 1, s >> 1
    require(s == 0, "the path is too short")
    return r


def read_key(text, algorithm):
    name, key_id, encoded = text.strip().split("+", 2)
    key = read_base64(encoded)
    require(len(key) == 33 and key[0] == algorithm, "not such a key")
    require(sha256(name.encode(), b"\n", key)[:4].hex() == key_id, "the key's id does not fit")
    return name, bytes.fromhex(key_id), key[1:]


def open_checkpoint(text, operator, witness):
    lines = text.split("\n")
    require(len(lines) == 7 and lines[3] == "" and lines[6] == "", "not a checkpoint with two signatures")
    origin, size, root = lines[:3]
    note = "\n".join(lines[:3]) + "\n"
    require(origin == operator[0], "another log")
    require(size.isascii() and size.isdigit() and str(int(size)) == size, "not a size")
    for line, (name, key_id, public), cosigned in ((lines[4], operator, False), (lines[5], witness, True)):
        prefix = "\u2014 " + name + " "
        require(line.startswith(prefix), "signed by another")
        decoded = read_base64(line[len(prefix):])
        require(decoded[:4] == key_id, "signed with another key")
        signature, message = decoded[4:], note
        if cosigned:
            time = int.from_bytes(signature[:8], "big")
            signature, message = signature[8:], f"cosignature/v1\ntime {time}\n{note}"
        require(ed25519(public, message.encode(), signature), "a signature does not hold")
    require(len(read_base64(root)) == 32, "not a root")
    return int(size), read_base64(root)


def check_shown(leaves):
    fields = {}
    for label, value, _ in leaves:
        if label != "line":
            require(label not in fields, "a label is shown twice")
            fields[label] = value
    if "lineItems" in fields:
        named = {item["leaf"] for item in fields["lineItems"]}
        require(all(digest.hex() in named for label, _, digest in leaves if label == "line"), "a line is not named")
    if "eligible" in fields and "totals" in fields:
        require(fields["eligible"]["amount"] == fields["totals"]["grand"], "points from another amount")
    if "eligible" in fields and "currencyCode" in fields:
        require(fields["eligible"]["currencyCode"] == fields["currencyCode"], "points in another currency")


def verify(encoded, operator, witness):
    require(len(encoded) <= 8 << 20, "too large")
    text = encoded.decode("utf-8")
    bundle = json.loads(text, object_pairs_hook=once)
    require(canonical(bundle) == text, "not in the form of RFC 8785")
    checkpoint, log, ticket, version = members(bundle, ["checkpoint", "log", "ticket", "version"])
    require(version == 1 and version is not True, "another version")
    channel, index, path, ticket_key = members(log, ["channel", "index", "path", "ticketKey"])
    root, leaves = commitment(ticket)
    name = channel.encode()
    require(1 <= len(name) <= 249 and len(path) <= 63, "not a place in a log")
    entry = b"\x01" + len(name).to_bytes(2, "big") + name + hash_of(ticket_key) + root
    size, signed = open_checkpoint(checkpoint, operator, witness)
    found = root_of_log(sha256(b"\x00", entry), number(index), size, [hash_of(p) for p in path])
    require(found == signed, "not what was signed")
    check_shown(leaves)


def main(operator, witness, *bundles):
    keys = read_key(open(operator).read(), 1), read_key(open(witness).read(), 4)
    refused = False
    for name in bundles:
        try:
            verify(open(name, "rb").read(), *keys)
            print("proven")
        except (Refused, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            print("refused:", error)
            refused = True
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
