// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// What Tillproof does not do: one Ethereum transaction per sale, of the cheapest kind that still records each sale's
/// commitment once. It is here to be measured against.
contract SalePerTransaction {
    event Recorded(bytes32 indexed ticketKey, bytes32 commitment);

    error AlreadyRecorded(bytes32 ticketKey);

    mapping(bytes32 ticketKey => bytes32) public commitments;

    function record(bytes32 ticketKey, bytes32 commitment) external {
        require(commitments[ticketKey] == 0, AlreadyRecorded(ticketKey));
        commitments[ticketKey] = commitment;
        emit Recorded(ticketKey, commitment);
    }
}
