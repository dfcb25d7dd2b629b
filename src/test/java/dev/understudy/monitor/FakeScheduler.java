package dev.understudy.monitor;

import dev.understudy.testing.FakeLoop;

/** The monitor's thread with a time that moves only when a test says so. */
final class FakeScheduler extends FakeLoop implements Scheduler {}
