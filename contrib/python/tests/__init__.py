"""Tests: test_wire and test_hostile need nothing, test_broker a daemon."""
