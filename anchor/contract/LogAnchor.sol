// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// One signature in the form of EIP-2098: the parity of y is the highest bit of vs, the rest of it is s.
struct Signature {
    bytes32 r;
    bytes32 vs;
}

/// The newest checkpoint of one append-only Merkle log (RFC 6962), as two organisations signed it.
///
/// A checkpoint is taken with both signatures (EIP-712), whoever sends it, if it follows on the one held here and is
/// larger. Nothing is ever taken back: there is no owner, no upgrade and no pause. Earlier checkpoints are in the events,
/// each of which names the one before it.
///
/// When code or signers must change, both sign for a successor, which began at this contract's last checkpoint and
/// counts one epoch more. This contract then takes nothing further and points to it.
contract LogAnchor {
    /// A checkpoint was taken. size and root are indexed: eth_getLogs finds the one of a given root.
    event Anchored(uint64 indexed size, bytes32 indexed root, uint64 previousSize, bytes32 previousRoot);
    /// The log goes on at successor.
    event Succeeded(address indexed successor);

    /// Signers are two different accounts, neither of them zero.
    error BadSigners();
    /// The statement does not follow on the checkpoint held here.
    error NotNext(uint64 size, bytes32 root);
    /// The new size is not larger than the one held here.
    error NotGrown(uint64 size);
    /// The signature is not this signer's, for this statement, contract and chain.
    error NotSignedBy(address signer);
    /// The log goes on at successor, and here no more.
    error Ended(address successor);
    /// The successor does not begin where this contract stands.
    error BadSuccessor();

    bytes32 private constant DOMAIN =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant NAME = keccak256("Tillproof log");
    bytes32 private constant VERSION = keccak256("1");
    bytes32 private constant CHECKPOINT =
        keccak256("Checkpoint(uint64 epoch,uint64 previousSize,bytes32 previousRoot,uint64 size,bytes32 root)");
    bytes32 private constant SUCCESSION =
        keccak256("Succession(uint64 epoch,uint64 size,bytes32 root,address successor)");

    address public immutable retail;
    address public immutable brands;
    /// The contract before this one, or zero.
    LogAnchor public immutable predecessor;
    /// Counts contracts of one log, from 1.
    uint64 public immutable epoch;

    /// The checkpoint held here; before the first, the empty log's.
    uint64 public size;
    LogAnchor public successor;
    bytes32 public root;

    /// Begins with the empty log or, with a predecessor, at the checkpoint held there.
    constructor(address retail_, address brands_, LogAnchor predecessor_) {
        require(retail_ != brands_ && retail_ != address(0) && brands_ != address(0), BadSigners());
        retail = retail_;
        brands = brands_;
        predecessor = predecessor_;
        if (address(predecessor_) == address(0)) {
            epoch = 1;
            root = sha256("");
        } else {
            epoch = predecessor_.epoch() + 1;
            size = predecessor_.size();
            root = predecessor_.root();
        }
    }

    /// Takes the checkpoint (size_, root_). The previous one is an argument although it is held here, so that who
    /// comes second learns that, and not that a signature is wrong.
    function anchor(
        uint64 previousSize,
        bytes32 previousRoot,
        uint64 size_,
        bytes32 root_,
        Signature calldata byRetail,
        Signature calldata byBrands
    ) external {
        require(address(successor) == address(0), Ended(address(successor)));
        require(previousSize == size && previousRoot == root, NotNext(size, root));
        require(size_ > previousSize, NotGrown(previousSize));
        requireBoth(keccak256(abi.encode(CHECKPOINT, epoch, previousSize, previousRoot, size_, root_)), byRetail, byBrands);
        size = size_;
        root = root_;
        emit Anchored(size_, root_, previousSize, previousRoot);
    }

    /// Ends this contract in favour of successor_, which must have been made for it and hold the same checkpoint.
    function succeed(LogAnchor successor_, Signature calldata byRetail, Signature calldata byBrands) external {
        require(address(successor) == address(0), Ended(address(successor)));
        require(
            address(successor_.predecessor()) == address(this) && successor_.epoch() == epoch + 1
                && successor_.size() == size && successor_.root() == root,
            BadSuccessor()
        );
        requireBoth(keccak256(abi.encode(SUCCESSION, epoch, size, root, successor_)), byRetail, byBrands);
        successor = successor_;
        emit Succeeded(address(successor_));
    }

    /// The chain is asked for its id each time, so that a signature is void on the other branch of a split chain.
    function requireBoth(bytes32 statement, Signature calldata byRetail, Signature calldata byBrands) private view {
        bytes32 domain = keccak256(abi.encode(DOMAIN, NAME, VERSION, block.chainid, address(this)));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, statement));
        require(signerOf(digest, byRetail) == retail, NotSignedBy(retail));
        require(signerOf(digest, byBrands) == brands, NotSignedBy(brands));
    }

    /// Is zero for what is no signature, and no signer is zero.
    function signerOf(bytes32 digest, Signature calldata by) private pure returns (address) {
        uint8 v = 27 + uint8(uint256(by.vs) >> 255);
        bytes32 s = bytes32(uint256(by.vs) & (type(uint256).max >> 1));
        return ecrecover(digest, v, by.r, s);
    }
}
