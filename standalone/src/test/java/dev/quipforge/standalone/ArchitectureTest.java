package dev.quipforge.standalone;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.callMethod;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.time.Instant;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;

/** The layering of docs/ARCHITECTURE.md, in force. Change that page and its ADR first. */
@AnalyzeClasses(packages = "dev.quipforge", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String ROOT = "dev.quipforge.";
    private static final Set<String> MODULES = Set.of(
            "engine",
            "llm",
            "contracts",
            "kit",
            "calibration",
            "quantizer",
            "finetune",
            "inference",
            "gateway",
            "standalone");

    /** There when the standalone was built with it. */
    private static final String CUDA = "cuda";

    /** A rule over no classes holds; so every module must have been read. */
    @ArchTest
    static void everyModuleIsAnalyzed(JavaClasses classes) {
        Set<String> read = classes.stream()
                .map(JavaClass::getPackageName)
                .filter(name -> name.startsWith(ROOT))
                .map(name -> name.substring(ROOT.length()).replaceAll("\\..*", ""))
                .collect(Collectors.toSet());

        assertThat(read).containsAll(MODULES);
        read.remove(CUDA);
        assertThat(read).isSubsetOf(MODULES);
    }

    @ArchTest
    static final ArchRule engineIsPlainJava = classes()
            .that()
            .resideInAPackage("dev.quipforge.engine..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                    "dev.quipforge.engine..", "java..", "jdk.incubator.vector..", "org.bytedeco..", "org.jspecify.."))
            .because("the mathematics must be usable without any framework (ADR 0002)");

    @ArchTest
    static final ArchRule llmIsPlainJava = classes()
            .that()
            .resideInAPackage("dev.quipforge.llm..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                    "dev.quipforge.llm..",
                    "dev.quipforge.engine..",
                    "java..",
                    "ai.djl..",
                    "tools.jackson..",
                    "org.jspecify.."))
            .because("models must be usable without any framework (ADR 0002)");

    @ArchTest
    static final ArchRule contractsDependOnNothing = classes()
            .that()
            .resideInAPackage("dev.quipforge.contracts..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage("dev.quipforge.contracts..", "java..", "org.jspecify.."))
            .because("messages outlive frameworks (ADR 0002)");

    @ArchTest
    static final ArchRule contractsAreOnlyData = classes()
            .that()
            .resideInAPackage("dev.quipforge.contracts..")
            .and(not(named("package-info")))
            .should(beRecordsEnumsOrSealedInterfaces())
            .because("a message is data; what it does is its consumer's matter");

    @ArchTest
    static final ArchRule theKitKnowsNoService = noClasses()
            .that()
            .resideInAPackage("dev.quipforge.kit..")
            .should()
            .dependOnClassesThat(resideInAPackage("dev.quipforge..")
                    .and(not(resideInAnyPackage("dev.quipforge.kit..", "dev.quipforge.contracts.."))))
            .because("what every service shares cannot know one of them, nor the mathematics");

    @ArchTest
    static final ArchRule servicesDoNotKnowEachOther = slices().matching(
                    "dev.quipforge.(calibration|quantizer|finetune|inference|gateway)..")
            .should()
            .notDependOnEachOther()
            .because("services share messages and artifacts, never classes (ADR 0002)");

    @ArchTest
    static final ArchRule nothingKnowsTheStandalone = noClasses()
            .that()
            .resideOutsideOfPackage("dev.quipforge.standalone..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.quipforge.standalone..")
            .because("the services must run in containers exactly as in the standalone (ADR 0009)");

    @ArchTest
    static final ArchRule theGatewayDoesNoMathematics = noClasses()
            .that()
            .resideInAPackage("dev.quipforge.gateway..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.quipforge.engine..", "dev.quipforge.llm..")
            .because("what the gateway knows of models is in the messages (ADR 0002)");

    @ArchTest
    static final ArchRule workersHoldNoMathematics = noClasses()
            .that()
            .resideInAnyPackage(
                    "dev.quipforge.calibration..",
                    "dev.quipforge.quantizer..",
                    "dev.quipforge.finetune..",
                    "dev.quipforge.inference..")
            .should()
            .dependOnClassesThat(resideInAPackage("dev.quipforge.engine..")
                    .and(not(resideInAPackage("dev.quipforge.engine.compute"))))
            .because("a worker chooses a backend and calls llm; the same work must run without a service (ADR 0002)");

    @ArchTest
    static final ArchRule onlyTheGatewayKnowsSql = noClasses()
            .that()
            .resideOutsideOfPackages("dev.quipforge.gateway..", "dev.quipforge.standalone..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "javax.sql..", "org.springframework.jdbc..", "org.flywaydb..")
            .because("the gateway alone owns job state (ADR 0006)");

    @ArchTest
    static final ArchRule onlyTheCudaBackendSeesJcuda = noClasses()
            .that()
            .resideOutsideOfPackage("dev.quipforge.cuda..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jcuda..", "org.jcuda..")
            .because("nothing outside a backend meets a device pointer (ADR 0004)");

    @ArchTest
    static final ArchRule onlyTheVectorBackendSeesTheVectorApi = noClasses()
            .that()
            .resideOutsideOfPackage("dev.quipforge.engine.compute.vector..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jdk.incubator.vector..", "org.bytedeco..")
            .because("the Vector API is an incubator module, and natives belong to a backend (ADR 0003)");

    @ArchTest
    static final ArchRule callersDoNotKnowWhichBackendTheyHave = noClasses()
            .that()
            .resideOutsideOfPackages("dev.quipforge.engine.compute..", "dev.quipforge.cuda..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.quipforge.engine.compute.scalar..",
                    "dev.quipforge.engine.compute.vector..",
                    "dev.quipforge.engine.compute.host..",
                    "dev.quipforge.cuda..")
            .because("backends are found by ServiceLoader (ADR 0003)");

    @ArchTest
    static final ArchRule packagesHaveNoCycles = slices().matching("dev.quipforge.(**)")
            .should()
            .beFreeOfCycles()
            .because("a cycle is one package with two names");

    @ArchTest
    static final ArchRule packagesAreNamedByWhatTheyHold = noClasses()
            .should()
            .resideInAnyPackage(
                    "dev.quipforge..util..",
                    "dev.quipforge..common..",
                    "dev.quipforge..impl..",
                    "dev.quipforge..dto..",
                    "dev.quipforge..service..",
                    "dev.quipforge..controller..")
            .because("such names collect what nobody placed");

    @ArchTest
    static final ArchRule packagesAreNullMarked = classes()
            .that()
            .resideInAPackage("dev.quipforge..")
            .should(resideInANullMarkedPackage())
            .because("NullAway checks only what is marked (ADR 0011)");

    @ArchTest
    static final ArchRule randomnessAndTimeAreHandedIn = noClasses()
            .should(callMethod(Math.class, "random"))
            .orShould(callMethod(System.class, "currentTimeMillis"))
            .orShould(callMethod(Instant.class, "now"))
            .orShould()
            .callConstructor(Random.class)
            .because("the same inputs must give the same bytes (ADR 0010); use a seeded generator, a Clock");

    @ArchTest
    static final ArchRule fieldsAreNotInjected = noFields()
            .should()
            .beAnnotatedWith("org.springframework.beans.factory.annotation.Autowired")
            .orShould()
            .beAnnotatedWith("org.springframework.beans.factory.annotation.Value")
            .orShould()
            .beAnnotatedWith("jakarta.inject.Inject")
            .orShould()
            .beAnnotatedWith("jakarta.annotation.Resource")
            .because("a constructor says what an object needs");

    @ArchTest
    static final ArchRule controllersAreNotPublic = classes()
            .that()
            .haveSimpleNameEndingWith("Controller")
            .should()
            .notBePublic()
            .because("they are called over HTTP only");

    @ArchTest
    static final ArchRule settingsAreRecords = classes()
            .that()
            .haveSimpleNameEndingWith("Properties")
            .should()
            .beRecords()
            .because("settings are read once and never change");

    @ArchTest
    static final ArchRule nothingScansPackages = noClasses()
            .should()
            .beAnnotatedWith("org.springframework.context.annotation.ComponentScan")
            .orShould()
            .beAnnotatedWith("org.springframework.boot.autoconfigure.SpringBootApplication")
            .because("a service is what its configuration imports, in its own JVM and in the standalone alike");

    private static DescribedPredicate<JavaClass> named(String name) {
        return JavaClass.Predicates.simpleName(name);
    }

    private static ArchCondition<JavaClass> beRecordsEnumsOrSealedInterfaces() {
        return new ArchCondition<>("be records, enums or sealed interfaces") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                boolean sealed = type.isInterface() && type.reflect().isSealed();
                boolean holds = type.isRecord() || type.isEnum() || sealed || type.isAnonymousClass();
                events.add(new SimpleConditionEvent(type, holds, type.getName() + " is none of them"));
            }
        };
    }

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
