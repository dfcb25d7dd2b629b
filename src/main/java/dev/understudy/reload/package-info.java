/**
 * The dynamic file in force: takes a changed file to pools and routes of both lanes, whole or not
 * at all.
 *
 * <p>Deliberately absent: reading and watching of the file, which are {@code config}'s; what a
 * route does, which is {@code proxy}'s.
 */
@NullMarked
package dev.understudy.reload;

import org.jspecify.annotations.NullMarked;
