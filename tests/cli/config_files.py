"""A configuration file to begin with, and what is made of it."""

from __future__ import annotations

from pathlib import Path

from chatmon.config import Configuration, Settings, load, resolve

PROD = """\
profile = "prod"

[profiles.prod]
url = "https://gws.example.com/api/v2"
headers = { ContactCenterId = "1234", apikey = "env:GWS_API_KEY" }
interval = 3
max_rate = 50.5
idle_every = 2

[profiles."test 1"]
url = "http://test.example.com"
headers = ["apikey: file:key.txt"]
insecure = true
history = false
alarms = { waiting = 20, on_alarm = false }

[alarms]
waiting = { warn = 30, critical = 90 }
idle = false
requeued = false
churn = 5
on_alarm = ["page", "--me"]

[ui]
theme = "nord"
timezone = "utc"
ascii = true
bell = true
notify = "osc9"
columns = ["state", "for", "label"]
sort = "for"

[filters]
f1 = 'state:waiting !agent:"kristi s"'

[keys]
pin_chat = "P,ctrl+k"
"""
ENVIRONMENT = {"GWS_API_KEY": "key"}


def loaded(file: Path, profile: str | None = None, environment: dict[str, str] | None = None) -> Configuration:
    return load({"config": str(file), "profile": profile}, environment or {})


def settings(file: Path, environment: dict[str, str] | None = None, **given: object) -> Settings:
    given["config"] = str(file)
    environment = ENVIRONMENT if environment is None else environment
    return resolve(given, environment, load(given, environment))
