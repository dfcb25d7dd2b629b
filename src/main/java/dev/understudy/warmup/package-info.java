/**
 * Traffic by which a process warms itself up: clients and a server in one thread, on the loopback
 * interface, within a share of the processors.
 *
 * <p>Deliberately absent: the proxy between the two, which the assembly makes; checks of what it
 * does.
 */
@NullMarked
package dev.understudy.warmup;

import org.jspecify.annotations.NullMarked;
