/**
 * The dynamic file in force: applies a changed file to the pools and the routes of both lanes,
 * whole or not at all.
 *
 * <p>Deliberately absent: reading and watching the file, which {@code config} does; the effect of a
 * route, which is up to {@code proxy}.
 */
@NullMarked
package dev.understudy.reload;

import org.jspecify.annotations.NullMarked;
