/**
 * The command line: the commands of {@code java -jar understudy.jar}.
 *
 * <p>Deliberately absent: the wiring of the proxy, and a start with settings alone, which needs no
 * command-line library; both are in {@code application}.
 */
@NullMarked
package dev.understudy.command;

import org.jspecify.annotations.NullMarked;
