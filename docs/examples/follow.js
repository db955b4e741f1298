// SPDX-License-Identifier: MIT
// Prints each event as it starts and ends: node follow.js [SOCKET]. No package is needed.
'use strict';
const net = require('net');
const path = process.argv[2] || '/run/hearken/default.sock';
const connection = net.createConnection(path);
let data = '';
connection.setEncoding('utf8');
connection.on('connect', () => {
	const call = { method: 'io.hearken.FollowEvents', parameters: { after_cursor: 0 }, more: true };
	connection.write(JSON.stringify(call) + '\0');
});
connection.on('data', (chunk) => {
	const messages = (data + chunk).split('\0');
	data = messages.pop();
	for (const reply of messages.map((text) => JSON.parse(text))) {
		if (reply.error) {
			console.error(`${path}: ${reply.error} ${JSON.stringify(reply.parameters)}`);
			process.exit(1);
		}
		const event = reply.parameters.event;
		if (event)
			console.log(event.start, event.label, event.state);
	}
});
connection.on('error', (error) => { console.error(`${path}: ${error.message}`); process.exit(1); });
connection.on('end', () => { console.error(`${path}: the daemon went away`); process.exit(1); });
