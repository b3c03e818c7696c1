-- As what each instance is sold, which its price depends on.

INSERT INTO kind (name, meaning) VALUES
    ('product', 'as what an instance is sold, where it was new or had changed');

CREATE TABLE product (
    seq          INTEGER PRIMARY KEY REFERENCES entry (seq),
    account      TEXT NOT NULL,
    instance_no  TEXT NOT NULL,
    product_code TEXT,
    spec_code    TEXT,
    server_type  TEXT
) STRICT;

CREATE INDEX product_by_instance ON product (account, instance_no, seq);

DROP VIEW body;

CREATE VIEW body_of_products (seq, text) AS
SELECT seq, json_object(
    'account', account, 'instance_no', instance_no, 'product_code', product_code,
    'spec_code', spec_code, 'server_type', server_type)
FROM product;

CREATE VIEW body (seq, text) AS
SELECT seq, text FROM body_of_firings
UNION ALL
SELECT seq, text FROM body_of_holds
UNION ALL
SELECT seq, text FROM body_of_products;

CREATE TRIGGER product_is_never_updated BEFORE UPDATE ON product
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER product_is_never_deleted BEFORE DELETE ON product
WHEN OLD.seq >= (SELECT coalesce(max(below), 0) FROM prune)
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER product_replaces_nothing BEFORE INSERT ON product
WHEN EXISTS (SELECT 1 FROM product WHERE seq = NEW.seq)
    OR NOT EXISTS (SELECT 1 FROM entry WHERE seq = NEW.seq AND kind = 'product')
BEGIN
    SELECT raise(ABORT, 'a row is added once, with its entry');
END;
