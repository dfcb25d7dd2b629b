package dev.understudy.switchover;

/**
 * What a replica told of a planned switch.
 *
 * @param planned the switch's id
 */
public record Acknowledgement(String planned, SwitchFacts.Release release) {}
