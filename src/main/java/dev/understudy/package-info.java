/**
 * The program: its entry point and the wiring of all packages.
 *
 * <p>No other package imports this one. Deliberately absent: decisions, each of which belongs to
 * the package of its subject.
 */
@NullMarked
package dev.understudy;

import org.jspecify.annotations.NullMarked;
