/**
 * What {@code understudy status} prints, made of documents of the management API: by the command,
 * of whatever version the replica is, and by the management port itself.
 *
 * <p>Deliberately absent: the state that the documents are made from, sockets, Spring. A field that
 * is not found is shown as unknown.
 */
@NullMarked
package dev.understudy.status;

import org.jspecify.annotations.NullMarked;
