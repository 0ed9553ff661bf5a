DROP TABLE cosigned_checkpoint;
DROP TABLE awaiting_checkpoint;
