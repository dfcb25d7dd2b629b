/**
 * Pure core of planned switches: moves the role of one pool on purpose, in phases that can be given
 * up until the old server is fenced.
 *
 * <p>Deliberately absent: clocks, timers, calls of hooks, and the record that the replicas share.
 */
@NullMarked
package dev.understudy.switchover;

import org.jspecify.annotations.NullMarked;
