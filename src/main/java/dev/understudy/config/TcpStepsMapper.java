package dev.understudy.config;

import dev.understudy.pool.Octets;
import dev.understudy.pool.TcpStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Maps the steps of a TCP check: {@code steps}, or {@code send} and {@code expect} alone. */
record TcpStepsMapper(RecordReader reader, SectionReader health) {
  private static final String ONE_OF_STEP = "one of send, send-hex and expect";
  private static final String ONE_OF_EXPECT = "one of text, text-regex and hex, or not with one";
  private static final List<String> OF_HTTP = List.of("status", "body", "body-regex", "header");

  List<TcpStep> map(RawHealth raw) {
    List<TcpStep> steps = new ArrayList<>();
    if (health.node("steps") instanceof ListNode list) {
      for (String other : List.of("send", "expect")) {
        Node node = health.node(other);
        if (node != null) {
          health.problems().add(node, "expected among the steps, or without steps");
        }
      }
      for (Node item : list.items()) {
        if (item instanceof MapNode map) {
          step(map, steps);
        }
      }
      return steps;
    }
    if (raw.send() != null) {
      steps.add(new TcpStep.Send(Octets.ofText(raw.send())));
    }
    if (health.node("expect") instanceof ListNode list) {
      for (Node item : list.items()) {
        if (item instanceof MapNode map) {
          expect(reader.read(map, RawHealth.Expect.class), map, steps);
        }
      }
    } else if (health.node("expect") instanceof MapNode map) {
      expect(raw.expect(), map, steps);
    }
    return steps;
  }

  private void step(MapNode map, List<TcpStep> steps) {
    RawHealth.TcpStep raw = reader.read(map, RawHealth.TcpStep.class);
    long kinds = Stream.of("send", "send-hex", "expect").filter(map.entries()::containsKey).count();
    if (health.problems().isAnyIn(map.path())) {
      return;
    }
    if (kinds != 1) {
      health.problems().wrong(map, ONE_OF_STEP);
    } else if (raw.send() != null) {
      steps.add(new TcpStep.Send(Octets.ofText(raw.send())));
    } else if (raw.sendHex() != null) {
      steps.add(new TcpStep.Send(Octets.ofHex(raw.sendHex())));
    } else if (raw.expect() != null && map.get("expect") instanceof MapNode below) {
      RawHealth.StepExpect expect = raw.expect();
      expect(expect, expect.not(), expect.minBytes(), below, steps);
    }
  }

  private void expect(RawHealth.Expect raw, MapNode map, List<TcpStep> steps) {
    expect(raw, raw.not(), raw.minBytes(), map, steps);
  }

  private void expect(
      RawHealth.Received raw,
      RawHealth.@Nullable Received not,
      @Nullable Integer minBytes,
      MapNode map,
      List<TcpStep> steps) {
    SectionReader section = new SectionReader(map, health.problems());
    if (!health.hasOwn("expect") && OF_HTTP.stream().anyMatch(section::has)) {
      return; // Of pool-defaults, for pools of the other kind.
    }
    notOfHttp(section);
    notOfHttp(section.child("not"));
    if (health.problems().isAnyIn(map.path())) {
      return;
    }
    long kinds = count(section) + count(section.child("not"));
    if (kinds != 1) {
      health.problems().wrong(map, ONE_OF_EXPECT);
      return;
    }
    RawHealth.Received of = not == null ? raw : not;
    String text = of.text();
    String hex = of.hex();
    steps.add(
        new TcpStep.Expect(
            not != null,
            text == null ? (hex == null ? null : Octets.ofHex(hex)) : Octets.ofText(text),
            ExpectationMapper.regex(
                of.textRegex(), "text-regex", not == null ? section : section.child("not")),
            Objects.requireNonNullElse(minBytes, 0)));
  }

  private static long count(SectionReader section) {
    return Stream.of("text", "text-regex", "hex").filter(section::has).count();
  }

  private static void notOfHttp(SectionReader section) {
    OF_HTTP.forEach(key -> section.onlyWith(key, "type: http"));
  }
}
