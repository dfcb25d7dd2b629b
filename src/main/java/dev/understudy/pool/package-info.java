/**
 * The terms of the domain as immutable values: pools, servers, addresses, ranks, settings and
 * routes.
 *
 * <p>Every value that exists is valid. Deliberately absent: parsing (see {@code config}), state
 * that changes at run time (see {@code monitor}), and any I/O.
 */
@NullMarked
package dev.understudy.pool;

import org.jspecify.annotations.NullMarked;
