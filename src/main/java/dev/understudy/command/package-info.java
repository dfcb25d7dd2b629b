/**
 * The command line: what {@code java -jar understudy.jar} takes.
 *
 * <p>Deliberately absent: how the proxy is wired, which is the root's; a start with settings alone,
 * which the root takes without the command line's library.
 */
@NullMarked
package dev.understudy.command;

import org.jspecify.annotations.NullMarked;
