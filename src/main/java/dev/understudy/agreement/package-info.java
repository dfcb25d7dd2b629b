/**
 * How replicas agree on the serving server. Today's only form is <i>standalone</i>: this process
 * decides, and may keep its decisions in a state file, which it writes on a thread of its own.
 *
 * <p>Deliberately absent: the choice itself (see {@code failover}), and timers (see {@code
 * monitor}).
 */
@NullMarked
package dev.understudy.agreement;

import org.jspecify.annotations.NullMarked;
