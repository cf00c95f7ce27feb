#!/usr/bin/env python3
"""A second verifier of proof bundles, written from docs/proof.md alone, with nothing but Python's standard library.

usage: verify.py OPERATOR-KEY-FILE WITNESS-KEY-FILE ETHEREUM-FILE BUNDLE...

ETHEREUM-FILE holds chain id, contract, and the retailer's and the brands' accounts, with spaces between them. Prints one line a bundle, "proven" or "refused: why"; exits with 1 if one was refused. It is for the tests: its Ed25519 is
slow, and takes no care of side channels, which do not matter to who only verifies.
"""
import base64
import hashlib
import json
import sys

from ethereum import decode, integer, keccak, lookup, signer

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


def hex_bytes(text, length=None):
    require(isinstance(text, str) and set(text) <= set("0123456789abcdef"), "not hex")
    decoded = bytes.fromhex(text)
    require(length in (None, len(decoded)), "of another length")
    return decoded


def consistent(old_size, old_root, size, root, proof):
    """RFC 9162, section 2.1.4.2."""
    require(old_size > 0, "nothing extends the empty log")
    if old_size & (old_size - 1) == 0:
        proof = [old_root] + proof
    require(proof, "no consistency proof")
    f, s = old_size - 1, size - 1
    while f & 1:
        f, s = f >> 1, s >> 1
    old = new = proof[0]
    for c in proof[1:]:
        require(s != 0, "the consistency proof is too long")
        if f & 1 or f == s:
            old, new = sha256(b"\x01", c, old), sha256(b"\x01", c, new)
            while not f & 1 and f != 0:
                f, s = f >> 1, s >> 1
        else:
            new = sha256(b"\x01", new, c)
        f, s = f >> 1, s >> 1
    require(s == 0 and old == old_root and new == root, "the anchored log is not the checkpoint's")


def word(n):
    return n.to_bytes(32, "big")


def statement_digest(chain_id, contract, epoch, previous_size, previous_root, size, root):
    domain = keccak(
        keccak(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
        keccak(b"Tillproof log"), keccak(b"1"), word(chain_id), bytes(12) + contract)
    message = keccak(
        keccak(b"Checkpoint(uint64 epoch,uint64 previousSize,bytes32 previousRoot,uint64 size,bytes32 root)"),
        word(epoch), word(previous_size), previous_root, word(size), root)
    return keccak(b"\x19\x01", domain, message)


def open_anchor(evidence, trusted):
    """The anchored size and root, and the consistency proof."""
    block, chain_id, checkpoint, consistency, contract, signatures, transaction = members(
        evidence, ["block", "chainId", "checkpoint", "consistency", "contract", "signatures", "transaction"])
    epoch, previous_root, previous_size, root, size = members(
        checkpoint, ["epoch", "previousRoot", "previousSize", "root", "size"])
    contract, previous_root, root = hex_bytes(contract, 20), hash_of(previous_root), hash_of(root)
    require((number(chain_id), contract) == trusted[:2], "another chain or contract")
    require(number(size) > number(previous_size), "it does not grow")
    digest = statement_digest(chain_id, contract, number(epoch), previous_size, previous_root, size, root)
    for name, account in (("retail", trusted[2]), ("brands", trusted[3])):
        require(signer(digest, hex_bytes(signatures[name], 65)) == account, "not signed by both")
    require(len(signatures) == 2, "unknown signatures")

    block_hash, header, block_number = members(block, ["hash", "header", "number"])
    header = hex_bytes(header)
    fields = decode(header)
    require(isinstance(fields, list) and len(fields) >= 15, "not a header")
    require(keccak(header) == hash_of(block_hash) and integer(fields[8]) == number(block_number), "not the block's header")
    event, transaction_hash, index, proof, receipt_proof = members(
        transaction, ["event", "hash", "index", "proof", "receiptProof"])
    sent = lookup(fields[4], number(index), [hex_bytes(node) for node in proof])
    require(keccak(sent) == hash_of(transaction_hash), "another transaction")
    receipt = lookup(fields[5], index, [hex_bytes(node) for node in receipt_proof])
    status, _, _, logs = decode(receipt[1:] if receipt[0] < 0x80 else receipt)
    require(integer(status) == 1, "the transaction failed")
    topics = [keccak(b"Anchored(uint64,bytes32,uint64,bytes32)"), word(size), root]
    require(logs[number(event)] == [contract, topics, word(previous_size) + previous_root], "not the contract's event")
    return size, root, [hash_of(node) for node in consistency]


def check_anchor(evidence, trusted, index, size, root):
    anchored_size, anchored_root, proof = open_anchor(evidence, trusted)
    require(index < anchored_size, "anchored before the ticket was there")
    if anchored_size == size:
        require(anchored_root == root and not proof, "another root is anchored")
    elif anchored_size < size:
        consistent(anchored_size, anchored_root, size, root, proof)
    else:
        consistent(size, root, anchored_size, anchored_root, proof)


def verify(encoded, operator, witness, trusted):
    require(len(encoded) <= 8 << 20, "too large")
    text = encoded.decode("utf-8")
    bundle = json.loads(text, object_pairs_hook=once)
    require(canonical(bundle) == text, "not in the form of RFC 8785")
    require(isinstance(bundle, dict) and bundle.get("version") in (1, 2) and bundle["version"] is not True, "another version")
    evidence = None
    if bundle["version"] == 2:
        require("ethereum" in bundle, "it does not say whether it is anchored")
        evidence = bundle.pop("ethereum")
    checkpoint, log, ticket, _ = members(bundle, ["checkpoint", "log", "ticket", "version"])
    channel, index, path, ticket_key = members(log, ["channel", "index", "path", "ticketKey"])
    root, leaves = commitment(ticket)
    name = channel.encode()
    require(1 <= len(name) <= 249 and len(path) <= 63, "not a place in a log")
    entry = b"\x01" + len(name).to_bytes(2, "big") + name + hash_of(ticket_key) + root
    size, signed = open_checkpoint(checkpoint, operator, witness)
    found = root_of_log(sha256(b"\x00", entry), number(index), size, [hash_of(p) for p in path])
    require(found == signed, "not what was signed")
    check_shown(leaves)
    if evidence is not None:
        check_anchor(evidence, trusted, index, size, signed)


def read_trusted(text):
    chain_id, *addresses = text.split()
    return int(chain_id), *(bytes.fromhex(address[2:]) for address in addresses)


def main(operator, witness, ethereum, *bundles):
    keys = read_key(open(operator).read(), 1), read_key(open(witness).read(), 4), read_trusted(open(ethereum).read())
    refused = False
    for name in bundles:
        try:
            verify(open(name, "rb").read(), *keys)
            print("proven")
        except (Refused, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            print("refused:", error)
            refused = True
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
