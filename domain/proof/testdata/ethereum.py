"""What the second verifier needs of Ethereum, written from docs/proof.md alone, with nothing but Python's standard library:
Keccak-256, signatures of accounts, RLP, and proofs in a block's tries. Slow, and without care of side channels."""

# Keccak-256, with the padding of before SHA-3 became a standard ----------------------------------------------------

ROUNDS = []
state = 1
for _ in range(24):
    constant = 0
    for j in range(7):
        if state & 1:
            constant |= 1 << ((1 << j) - 1)
        state = state << 1 ^ (0x171 if state & 0x80 else 0)
    ROUNDS.append(constant)


def rotate(lane, by):
    by %= 64
    return (lane << by | lane >> (64 - by)) & (2**64 - 1) if by else lane


def permute(a):
    for constant in ROUNDS:
        c = [a[x][0] ^ a[x][1] ^ a[x][2] ^ a[x][3] ^ a[x][4] for x in range(5)]
        a = [[a[x][y] ^ c[(x - 1) % 5] ^ rotate(c[(x + 1) % 5], 1) for y in range(5)] for x in range(5)]
        x, y, lane = 1, 0, a[1][0]
        for t in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            lane, a[x][y] = a[x][y], rotate(lane, (t + 1) * (t + 2) // 2)
        a = [[a[x][y] ^ ~a[(x + 1) % 5][y] & a[(x + 2) % 5][y] for y in range(5)] for x in range(5)]
        a[0][0] ^= constant
    return a


def keccak(*parts):
    message, rate = bytearray(b"".join(parts)), 136
    message += b"\x01" + bytes(-(len(message) + 1) % rate)
    message[-1] |= 0x80
    a = [[0] * 5 for _ in range(5)]
    for block in range(0, len(message), rate):
        for i in range(rate // 8):
            a[i % 5][i // 5] ^= int.from_bytes(message[block + 8 * i : block + 8 * i + 8], "little")
        a = permute(a)
    return b"".join(a[i % 5][i // 5].to_bytes(8, "little") for i in range(4))


# Signatures: secp256k1, y² = x³ + 7 --------------------------------------------------------------------------------

P = 2**256 - 2**32 - 977
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and a != b:
        return None
    slope = 3 * a[0] * a[0] * pow(2 * a[1], -1, P) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def multiply(n, point):
    result = None
    for bit in bin(n)[2:]:
        result = add(result, result)
        if bit == "1":
            result = add(result, point)
    return result


def signer(digest, signature):
    """The account that signed, or None."""
    r, s, v = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big"), signature[64]
    if not (0 < r < N and 0 < s <= N // 2 and v in (27, 28)):
        return None
    y = pow(r**3 + 7, (P + 1) // 4, P)
    if y * y % P != (r**3 + 7) % P:
        return None
    point = (r, y if y % 2 == v - 27 else P - y)
    z, inverse = int.from_bytes(digest, "big"), pow(r, -1, N)
    key = add(multiply(s * inverse % N, point), multiply(-z * inverse % N, G))
    return key and keccak(key[0].to_bytes(32, "big"), key[1].to_bytes(32, "big"))[12:]


# RLP: a list becomes a list, everything else bytes -----------------------------------------------------------------


def split(data):
    """The first value, and what is behind it."""
    first = data[0]
    if first < 0x80:
        return data[:1], data[1:]
    is_list, offset = (True, 0xC0) if first >= 0xC0 else (False, 0x80)
    length, start = first - offset, 1
    if length > 55:
        digits = data[1 : length - 54]
        start = length - 54
        length = int.from_bytes(digits, "big")
        if not digits or digits[0] == 0 or length < 56:
            raise ValueError("a length is not in its one form")
    content, rest = data[start : start + length], data[start + length :]
    if len(content) != length or not is_list and length == 1 and content[0] < 0x80:
        raise ValueError("not RLP")
    return items(content) if is_list else content, rest


def items(content):
    found = []
    while content:
        item, content = split(content)
        found.append(item)
    return found


def decode(data):
    value, rest = split(data)
    if rest:
        raise ValueError("something stands behind the RLP")
    return value


def integer(digits):
    if not isinstance(digits, bytes) or len(digits) > 8 or digits[:1] == b"\0":
        raise ValueError("not a number")
    return int.from_bytes(digits, "big")


# A block's tries ---------------------------------------------------------------------------------------------------


def nibbles(data):
    return [half for byte in data for half in (byte >> 4, byte & 15)]


def lookup(root, index, nodes):
    """The item of this index, by a proof that begins at the root."""
    digits = index.to_bytes(8, "big").lstrip(b"\0")
    path = nibbles(digits if len(digits) == 1 and digits[0] < 0x80 else bytes([0x80 + len(digits)]) + digits)
    wanted = root
    for i, node in enumerate(nodes):
        if keccak(node) != wanted:
            raise ValueError("a node is not the one that is named")
        parts = decode(node)
        if len(parts) == 17 and path:
            wanted, path = parts[path[0]], path[1:]
        elif len(parts) == 2:
            flags, *part = nibbles(parts[0])
            if flags > 3 or not flags & 1 and part.pop(0) != 0:
                raise ValueError("not a path")
            if path[: len(part)] != part:
                raise ValueError("the proof leads elsewhere")
            wanted, path = parts[1], path[len(part) :]
            if flags & 2:
                if path or i != len(nodes) - 1 or not isinstance(wanted, bytes):
                    raise ValueError("the proof leads elsewhere")
                return wanted
        else:
            raise ValueError("not a node")
        if not isinstance(wanted, bytes) or len(wanted) != 32:
            raise ValueError("the proof ends nowhere")
    raise ValueError("the proof ends too soon")
