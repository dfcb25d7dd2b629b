/**
 * What clients see when the master fails: killed, frozen, black-holed and restored, under load,
 * Understudy beside HAProxy.
 */
@NullMarked
package dev.understudy.bench.failure;

import org.jspecify.annotations.NullMarked;
