/**
 * The program: its entry point, its commands, and the wiring of all packages.
 *
 * <p>Nobody imports this package. Deliberately absent: any decision; each belongs to the package
 * that it is about.
 */
@NullMarked
package dev.understudy;

import org.jspecify.annotations.NullMarked;
