/**
 * Parts of codes are found through three-letter pieces (FTS5, trigram): barcode and UID of units, texts of numbers. The
 * index only names candidates; the rows themselves decide, so a text that a number had once does no harm. Contentless:
 * the texts are not kept twice. A row is `4 * id + kind`: 0 barcode, 1 UID, 2 number.
 */
export const migration0003 = `
  CREATE VIRTUAL TABLE codes USING fts5(code, content = '', contentless_delete = 1, tokenize = 'trigram');
  INSERT INTO codes (rowid, code) SELECT 4 * id, barcode FROM units;
  INSERT INTO codes (rowid, code) SELECT 4 * id + 1, uid FROM units WHERE uid IS NOT NULL;
  INSERT INTO codes (rowid, code) SELECT 4 * id + 2, text FROM numbers;
  CREATE TRIGGER codes_of_units AFTER INSERT ON units
    BEGIN INSERT INTO codes (rowid, code) VALUES (4 * new.id, new.barcode); END;
  CREATE TRIGGER codes_of_new_uids AFTER INSERT ON units WHEN new.uid IS NOT NULL
    BEGIN INSERT INTO codes (rowid, code) VALUES (4 * new.id + 1, new.uid); END;
  CREATE TRIGGER codes_of_uids AFTER UPDATE OF uid ON units WHEN new.uid IS NOT NULL
    BEGIN INSERT INTO codes (rowid, code) VALUES (4 * new.id + 1, new.uid); END;
  CREATE TRIGGER codes_of_numbers AFTER INSERT ON numbers
    BEGIN INSERT INTO codes (rowid, code) VALUES (4 * new.id + 2, new.text); END;
  CREATE TRIGGER codes_of_other_texts AFTER UPDATE OF text ON numbers WHEN new.text <> old.text
    BEGIN INSERT OR REPLACE INTO codes (rowid, code) VALUES (4 * new.id + 2, new.text); END;
`;
