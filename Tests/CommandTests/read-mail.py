"""Reads messages as another program does, and prints what it finds in each as a JSON object a line."""

import email
import email.header
import email.policy
import email.utils
import hashlib
import json
import sys

for path in sys.argv[1:]:
    with open(path, "rb") as file:
        content = file.read()
    message = email.message_from_bytes(content, policy=email.policy.default)
    parts = [part for part in message.walk() if not part.is_multipart()]
    defects = [str(defect) for part in message.walk() for defect in part.defects]
    defects += [str(d) for name in message.keys() for d in message[name].defects]
    lines = content.split(b"\r\n")
    # The older reader of headers: the newer one puts spaces between encoded words.
    plain = email.message_from_bytes(content, policy=email.policy.compat32)
    to = [
        (str(email.header.make_header(email.header.decode_header(name))), address)
        for name, address in email.utils.getaddresses(plain.get_all("To", []))
    ]
    print(
        json.dumps(
            {
                "headers": message.keys(),
                "to": [f"{name}|{address}" for name, address in to],
                "from": str(message["From"]) if message["From"] else "",
                "subject": message["Subject"],
                "date": email.utils.parsedate_to_datetime(message["Date"]).isoformat(),
                "unsent": message["X-Unsent"] or "",
                "kind": message.get_content_type(),
                "parts": [part.get_content_type() for part in parts],
                "text": parts[0].get_content().replace("\r\n", "\n"),
                "html": parts[1].get_content().replace("\r\n", "\n"),
                "defects": defects,
                "longest": max(len(line) for line in lines),
                "bare": content.count(b"\n") - content.count(b"\r\n"),
                "ascii": content.isascii(),
                "digest": hashlib.sha256(content).hexdigest(),
            }
        )
    )
