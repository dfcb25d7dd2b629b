/**
 * The operator's commands, over HTTP alone: clients of a running replica's management API, and
 * {@code compare}, a client of two proxies.
 *
 * <p>Each ends within moments: no Spring, a streaming JSON parser, one connection. Deliberately
 * absent: all packages of the proxy. A command knows the API's documents only, so that it also
 * works with a replica of another version; a field that it does not find is shown as unknown.
 */
@NullMarked
package dev.understudy.command.client;

import org.jspecify.annotations.NullMarked;
