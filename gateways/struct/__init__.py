"""Messages of a C struct, 1008 bytes each way; note 000 and docs/gateways/struct.md."""
