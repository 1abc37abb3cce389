"""Answers queries on a local Spark until its input ends; runs under the Python that `make spark` gives Spark.

Each line of input is one query as JSON: `tables` (name → Parquet file), `sql`, `to` (folder for the rows, as Parquet).
Each line of output is one answer: what went wrong, or null. Only Spark and the standard library are there to import.
"""

import json
import os
import sys

from pyspark.sql import SparkSession

SETTINGS = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    # Small tables: making a plan ready costs more than running it.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.driver.memory": "1g",
    "spark.log.level": "ERROR",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def answer(spark: SparkSession, query: dict) -> str | None:
    """Runs one query; the error's text where it fails."""
    try:
        for name, path in query["tables"].items():
            spark.read.parquet(path).createOrReplaceTempView(name)
        spark.sql(query["sql"]).coalesce(1).write.parquet(query["to"])
    except Exception as error:
        return str(error)
    return None


def main() -> None:
    # What Java writes to the standard output must not come between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    builder = SparkSession.builder.master("local[2]").appName("tieout")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    for line in sys.stdin:
        answers.write(json.dumps(answer(spark, json.loads(line))) + "\n")
        answers.flush()
    spark.stop()


if __name__ == "__main__":
    main()
