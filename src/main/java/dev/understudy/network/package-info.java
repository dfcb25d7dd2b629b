/**
 * Sets of networks: which addresses they contain.
 *
 * <p>Deliberately absent: names of hosts, which nothing here resolves.
 */
@NullMarked
package dev.understudy.network;

import org.jspecify.annotations.NullMarked;
