/** What no reading can know is named where it is used, with where it comes from. */
import { expect, it } from "vitest";
import { analyze } from "./check.ts";

it.each([
  ["from datetime import datetime", 'datetime.now().strftime("%Y")', '"datetime.datetime.now" differs from run to run'],
  ["import datetime as d", "d.date.today().isoformat()", '"datetime.date.today" differs from run to run'],
  ["import datetime as d", "d.datetime(2024, 1, 2).isoformat()", '"datetime.datetime" is not worked out while reading'],
  ["import uuid", "str(uuid.uuid4())[:8]", '"uuid.uuid4" differs from run to run: `uuid.uuid4()` in line 8'],
  ["import random", 'random.choice(["a", "b"])', '"random.choice" differs from run to run'],
  ["import time", 'f"{time.time()}"', '"time.time" differs from run to run: `time.time()` in line 8'],
  ["import subprocess", 'subprocess.check_output(["git"]).decode()', '"subprocess.check_output" is not worked out'],
  ["import requests", 'requests.get("u").json()["a"]', '"requests" is not in the workspace'],
  ["import socket", "socket.gethostname()", '"socket.gethostname" is not worked out'],
  ["import os", "str(os.cpu_count())", "it differs from machine to machine"],
  ["from pathlib import Path", "str(Path.home())", "the user's home folder is not known"],
])("%s: %s", (setup, expression, reason) => {
  const head = `${setup}\nfrom kfp import dsl\n\n@dsl.component\ndef use(text: str):\n    pass\n\n`;
  const inPipeline = `@dsl.pipeline\ndef main():\n    use(text=VALUE)\n`;
  const text = `${head}VALUE = ${expression}\n\n${inPipeline}`;
  const [first, ...more] = analyze(text).diagnostics;
  expect(more).toEqual([]);
  expect(first?.code).toBe("not-known");
  expect(first?.message).toContain(reason);
  expect(text.slice(first?.span.start, first?.span.end)).toBe("VALUE");

  const here = `${head}${inPipeline.replace("VALUE", expression)}`;
  const [same] = analyze(here).diagnostics;
  expect(here.slice(same?.span.start, same?.span.end)).toBe(expression);
});
