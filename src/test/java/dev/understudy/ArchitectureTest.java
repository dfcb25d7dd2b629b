package dev.understudy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds the table of packages and what each may import. */
class ArchitectureTest {
  private static final String ROOT = "dev.understudy";

  /** Packages, and which others of ours each may import, by the page's table. */
  private static final Map<String, Set<String>> MAY_IMPORT = CodeMapTest.rows();

  /**
   * What is beside the mission, and the packages that wire it: the data plane and the control plane
   * run without.
   */
  private static final Map<String, Set<String>> WALLS =
      Map.of(
          "haproxy", Set.of("command"),
          "command.client", Set.of("application", "command"),
          "demo", Set.of("command", "training"),
          "training", Set.of(),
          "tracing", Set.of("application", "assembly"),
          "notification", Set.of("admin", "assembly", "settings"));

  /** Ours alone: of others the name is enough. */
  private static final JavaClasses CLASSES =
      ArchConfiguration.withThreadLocalScope(
          configuration -> {
            configuration.setResolveMissingDependenciesFromClassPath(false);
            return new ClassFileImporter()
                .importUrl(Main.class.getProtectionDomain().getCodeSource().getLocation());
          });

  @TestFactory
  Stream<DynamicTest> each_package_imports_only_what_the_table_allows() {
    return MAY_IMPORT.entrySet().stream()
        .map(
            row ->
                DynamicTest.dynamicTest(
                    row.getKey(), () -> checkImports(row.getKey(), row.getValue())));
  }

  private static void checkImports(String name, Set<String> allowed) {
    noClasses()
        .that(
            DescribedPredicate.describe(
                "are of " + name, type -> isOurs(type) && room(type).equals(name)))
        .should()
        .dependOnClassesThat(isOursOutside(name, allowed))
        .because("the table of packages lets " + name + " import only " + allowed)
        .check(CLASSES);
  }

  private static DescribedPredicate<JavaClass> isOursOutside(String name, Set<String> allowed) {
    return DescribedPredicate.describe(
        "are ours and in none of " + name + ", " + allowed,
        type -> isOurs(type) && !room(type).equals(name) && !allowed.contains(room(type)));
  }

  private static boolean isOurs(JavaClass type) {
    return type.getPackageName().equals(ROOT) || type.getPackageName().startsWith(ROOT + ".");
  }

  /** The package in the table; empty: the root. */
  private static String room(JavaClass type) {
    return type.getPackageName().equals(ROOT)
        ? ""
        : type.getPackageName().substring(ROOT.length() + 1);
  }

  @Test
  void what_is_beside_the_mission_is_imported_only_by_what_wires_it() {
    WALLS.forEach(
        (beside, wiring) ->
            MAY_IMPORT.forEach(
                (name, imports) -> {
                  if (!isWithin(name, beside) && !wiring.contains(name)) {
                    assertThat(imports).as(name).noneMatch(each -> isWithin(each, beside));
                  }
                }));
  }

  private static boolean isWithin(String name, String outer) {
    return name.equals(outer) || name.startsWith(outer + ".");
  }

  @Test
  void every_package_is_null_marked_and_says_what_it_is() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/main/java/dev/understudy"))) {
      List<Path> folders =
          files
              .filter(p -> p.toString().endsWith(".java"))
              .map(Path::getParent)
              .distinct()
              .toList();
      for (Path folder : folders) {
        assertThat(folder.resolve("package-info.java"))
            .content()
            .contains("/**", NullMarked.class.getSimpleName());
      }
    }
  }

  @Test
  void pure_cores_know_no_clock_thread_or_random_source() {
    noClasses()
        .that()
        .resideInAnyPackage(
            ROOT + ".health..",
            ROOT + ".failover..",
            ROOT + ".database..",
            ROOT + ".switchover..",
            ROOT + ".role..",
            ROOT + ".pool..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.util.concurrent..", "java.io..", "java.net..", "io.netty..")
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(Clock.class, Random.class, Thread.class)
        .orShould()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .because("decisions take the state and the time as arguments")
        .check(CLASSES);
  }

  /** Names of the rule, packages below ours, what they may not know, and why. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          engine, frontend and tunnels know neither Spring nor Reactor | proxy.engine proxy.errorpage proxy.eventloop proxy.flowcontrol proxy.http proxy.session proxy.upstream proxy.tunnel proxy.frontend.. proxy.filter proxy.route traffic | org.springframework.. reactor.. | one engine serves both lanes
          messages know no sockets | proxy.http | io.netty.channel.socket.. io.netty.bootstrap.. | what a message is does not depend on the connection that brings it
          tunnels know no HTTP, and of the data plane only the engine's package | proxy.tunnel | io.netty.handler.codec.http.. dev.understudy.proxy.gateway.. dev.understudy.proxy.listener.. | a tunnel begins where HTTP has ended
          only the root and adapters know Spring | pool.. condition.. health.. failover.. database.. role.. monitor.. probe.. agreement.. history.. hook.. notification.. statistics.. demo.. haproxy.. command.client.. status.. | org.springframework.. | what Understudy exists for does not depend on a framework
          reporting packages know the agreement and not its implementations | admin.. telemetry.. monitor.. | dev.understudy.agreement.*.. | they are told by the agreement's own words, whatever the store
          """)
  void packages_do_not_know(String rule, String packages, String others, String why) {
    noClasses()
        .that()
        .resideInAnyPackage(
            Stream.of(packages.split(" ")).map(name -> ROOT + "." + name).toArray(String[]::new))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others.split(" "))
        .because(why)
        .check(CLASSES);
  }

  @Test
  void only_tracing_knows_opentelemetry() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".tracing")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.opentelemetry..", "io.micrometer.tracing..")
        .because("nothing of it runs while requests are not traced")
        .check(CLASSES);
  }

  @Test
  void no_two_classes_have_one_name() {
    assertThat(
            CLASSES.stream()
                .filter(type -> type.isTopLevelClass() && isOurs(type))
                .map(JavaClass::getSimpleName)
                .filter(name -> !name.equals("package-info")))
        .doesNotHaveDuplicates();
  }

  @Test
  void packages_have_no_cycles() {
    slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void classes_of_the_monitor_have_no_cycles() {
    slices()
        .assignedFrom(new TopLevelClassesOfMonitor())
        .should()
        .beFreeOfCycles()
        .because("a class knows those that it uses, and tells others through what it owns itself")
        .check(CLASSES);
  }

  /** A slice for each of them, with what is nested in it. */
  private static final class TopLevelClassesOfMonitor implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      return type.getPackageName().equals(ROOT + ".monitor")
          ? SliceIdentifier.of(type.getName().replaceFirst("[$].*", ""))
          : SliceIdentifier.ignore();
    }

    @Override
    public String getDescription() {
      return "top-level classes of the monitor";
    }
  }

  @Test
  void settings_and_states_are_records_or_final() {
    classes()
        .that()
        .resideInAnyPackage(ROOT + ".pool", ROOT + ".health", ROOT + ".failover")
        .and()
        .areNotInterfaces()
        .and()
        .areNotEnums()
        .and()
        .haveSimpleNameNotEndingWith("package-info")
        .and()
        .areTopLevelClasses()
        .should()
        .haveModifier(com.tngtech.archunit.core.domain.JavaModifier.FINAL)
        .because("values are immutable")
        .check(CLASSES);
  }

  @Test
  void table_names_only_packages_of_the_table() {
    assertThat(MAY_IMPORT.keySet())
        .containsAll(MAY_IMPORT.values().stream().flatMap(Set::stream).distinct().toList());
    Set<String> apart = Set.of("proxy.engine", "telemetry", "tracing", "admin");
    assertThat(List.of("proxy.engine", "telemetry", "tracing", "admin", "statistics"))
        .allSatisfy(
            name -> assertThat(MAY_IMPORT.get(name)).filteredOn(apart::contains).isSubsetOf(name));
  }
}
