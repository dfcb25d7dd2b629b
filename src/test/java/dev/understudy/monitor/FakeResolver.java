package dev.understudy.monitor;

import dev.understudy.probe.AddressResolver;
import dev.understudy.probe.ServiceRecord;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Answers at once what the test has set; names that are not set fail, silent ones never answer. */
final class FakeResolver implements AddressResolver {
  private final Map<String, List<InetAddress>> answers = new HashMap<>();
  private final Map<String, List<ServiceRecord>> services = new HashMap<>();
  private boolean silent;
  final List<String> asked = new ArrayList<>();

  /** From now on {@code host} has these addresses; none: it fails. */
  void set(String host, String... literals) {
    answers.put(host, List.of(literals).stream().map(FakeResolver::address).toList());
  }

  void silent(boolean value) {
    silent = value;
  }

  @Override
  public Runnable resolve(String host, Consumer<List<InetAddress>> done) {
    asked.add(host);
    if (!silent) {
      done.accept(answers.getOrDefault(host, List.of()));
    }
    return () -> {};
  }

  /** From now on {@code name} has these SRV records; none: it fails. */
  void services(String name, ServiceRecord... records) {
    services.put(name, List.of(records));
  }

  @Override
  public Runnable services(String name, Consumer<List<ServiceRecord>> done) {
    asked.add(name);
    if (!silent) {
      done.accept(services.getOrDefault(name, List.of()));
    }
    return () -> {};
  }

  static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(literal, e);
    }
  }
}
