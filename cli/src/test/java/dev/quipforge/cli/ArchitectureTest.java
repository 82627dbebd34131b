package dev.quipforge.cli;

import static com.tngtech.archunit.lang.conditions.ArchConditions.callMethod;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.time.Instant;
import java.util.Random;
import org.jspecify.annotations.NullMarked;

/** The rules of the standalone's architecture test that concern the command, which that test cannot see. */
@AnalyzeClasses(
        packages = {"dev.quipforge.cli", "dev.quipforge.benchmarks"},
        importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule theCommandKnowsNoServiceAndNoFramework = classes()
            .that()
            .resideInAPackage("dev.quipforge.cli..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.quipforge.cli..",
                    "dev.quipforge.benchmarks",
                    "dev.quipforge.llm..",
                    "dev.quipforge.engine.compute",
                    "java..",
                    "picocli..",
                    "tools.jackson..",
                    "org.jspecify..")
            .because("it speaks to services over HTTP, and to the standalone as a process (ADR 0002)");

    @ArchTest
    static final ArchRule benchmarksKnowOnlyEngineAndModels = classes()
            .that()
            .resideInAPackage("dev.quipforge.benchmarks..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.quipforge.benchmarks..",
                    "dev.quipforge.engine.codebook",
                    "dev.quipforge.engine.compute",
                    "dev.quipforge.engine.hadamard",
                    "dev.quipforge.engine.incoherence",
                    "dev.quipforge.engine.packing",
                    "dev.quipforge.engine.random",
                    "dev.quipforge.engine.rounding",
                    "dev.quipforge.engine.trellis",
                    "dev.quipforge.llm..",
                    "java..",
                    "org.jspecify..")
            .because("what is measured is what the seam offers, and what a model takes through it, on whatever backend"
                    + " (ADR 0003)");

    @ArchTest
    static final ArchRule packagesHaveNoCycles = slices().matching("dev.quipforge.(**)")
            .should()
            .beFreeOfCycles()
            .because("a cycle is one package with two names");

    @ArchTest
    static final ArchRule packagesAreNullMarked =
            classes().should(resideInANullMarkedPackage()).because("NullAway checks only what is marked (ADR 0011)");

    @ArchTest
    static final ArchRule randomnessAndTimeAreHandedIn = noClasses()
            .should(callMethod(Math.class, "random"))
            .orShould(callMethod(System.class, "currentTimeMillis"))
            .orShould(callMethod(Instant.class, "now"))
            .orShould()
            .callConstructor(Random.class)
            .because("the same inputs must give the same bytes (ADR 0010); use a seeded generator, a Clock");

    private static ArchCondition<JavaClass> resideInANullMarkedPackage() {
        return new ArchCondition<>("reside in a @NullMarked package") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                boolean marked = type.getPackage()
                        .tryGetPackageInfo()
                        .map(info -> info.isAnnotatedWith(NullMarked.class))
                        .orElse(false);
                events.add(new SimpleConditionEvent(
                        type, marked, type.getPackageName() + " has no @NullMarked package-info"));
            }
        };
    }
}
