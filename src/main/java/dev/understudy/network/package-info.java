/**
 * Addresses of clients in their only form, and sets of networks: which of them they contain.
 *
 * <p>Deliberately absent: names of hosts, which nothing here resolves.
 */
@NullMarked
package dev.understudy.network;

import org.jspecify.annotations.NullMarked;
