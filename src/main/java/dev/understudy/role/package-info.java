/**
 * The machine of one pool's role: who serves, the planned switch, the hooks that are owed and those
 * that run, pins and two primaries are one state, which {@link
 * dev.understudy.role.RoleMachine#step} replaces by the next one with each input.
 *
 * <p>Deliberately absent: time, randomness, timers, I/O. What is seen is a {@link
 * dev.understudy.role.RoleView}; what is to be done is a {@link dev.understudy.role.RoleEffect}.
 */
@NullMarked
package dev.understudy.role;

import org.jspecify.annotations.NullMarked;
