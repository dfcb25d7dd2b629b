package dev.understudy;

import java.util.List;

/** The program. */
public final class Understudy {
  private Understudy() {}

  public static void main(String[] args) {
    System.out.println(List.of(args));
  }
}
