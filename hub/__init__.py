"""The hub: signed events in, one record per child, decided and audited disclosures out."""
