/** The commands of the jar and of the Debian package's launcher, from their start to their end. */
@NullMarked
package dev.understudy.bench.command;

import org.jspecify.annotations.NullMarked;
