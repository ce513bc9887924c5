using NpuFeatureDiscovery.DevicePlugin.Allocation;

namespace NpuFeatureDiscovery.DevicePlugin.Tests.Allocation;

/// <summary>Against every choice that there is, for random hosts; a failure names the seed.</summary>
[TestFixture(AllocationPolicy.Packed)]
[TestFixture(AllocationPolicy.Spread)]
public sealed class PreferredAllocationPropertyTests(AllocationPolicy policy)
{
    private const int Cases = 3000;

    [Test]
    public void The_choice_is_the_best_of_all()
    {
        for (var seed = 0; seed < Cases; seed++)
        {
            var request = AllocationRequest.Random(seed);

            Assert.That(request.Score(request.Choose(policy)), Is.EqualTo(request.BestScore(policy)), $"Seed {seed}");
        }
    }

    [Test]
    public void Any_request_is_answered_with_as_many_as_can_be_and_with_all_that_must_be()
    {
        for (var seed = 0; seed < Cases; seed++)
        {
            var request = AllocationRequest.Random(seed);

            var chosen = request.Choose(policy);

            var all = request.MustInclude.Union(request.Available).ToArray();
            Assert.That(
                chosen, Has.Count.EqualTo(Math.Min(request.Size, all.Length)).And.Unique.And.SubsetOf(all), $"Seed {seed}");
            Assert.That(
                chosen.Take(request.MustInclude.Count), Is.EqualTo(request.MustInclude.Take(request.Size)), $"Seed {seed}");
        }
    }

    [Test]
    public void The_order_of_the_request_makes_no_difference()
    {
        for (var seed = 0; seed < Cases; seed++)
        {
            var request = AllocationRequest.Random(seed);
            string[] shuffled = [.. request.Available];
            new Random(seed).Shuffle(shuffled);

            Assert.That(
                (request with { Available = shuffled }).Choose(policy), Is.EqualTo(request.Choose(policy)), $"Seed {seed}");
        }
    }

    [Test]
    public void The_rough_choice_is_complete_and_mostly_the_best_one()
    {
        var (best, worst) = (0, 0L);
        for (var seed = 0; seed < Cases; seed++)
        {
            var request = AllocationRequest.Random(seed);
            var host = request.Group();
            var count = Math.Min(Math.Max(request.Size - request.MustInclude.Count, 0), host.Free);
            var chosen = request.MustInclude.Take(request.Size).ToList();

            RoughShares.Take(host, count, policy, chosen);

            var expected = Math.Min(request.Size, request.MustInclude.Count) + count;
            Assert.That(chosen, Has.Count.EqualTo(expected).And.Unique, $"Seed {seed}");
            var gap = Math.Abs(request.Score(chosen).Chosen - request.BestScore(policy).Chosen);
            best += gap == 0 ? 1 : 0;
            worst = Math.Max(worst, gap);
        }

        TestContext.Out.WriteLine($"{best} of {Cases} are the best for {policy}, and the worst is {worst} off");
        Assert.That(best, Is.GreaterThan(Cases * 9 / 10));
    }

    [Test]
    public void The_cores_of_256_cards_take_few_steps([Values(1, 8, 255, 1024, 2047, 2048)] int size, [Values] bool isFlat)
    {
        var request = AllocationRequest.Big(256, 8, isFlat) with { Size = size };

        Assert.That(BestShares.Steps(request.Group(), size), Is.LessThan(PreferredAllocation.MaxSteps));
        Assert.That(request.Choose(policy), Has.Count.EqualTo(size).And.Unique);
    }

    [Test]
    public void Single_units_however_they_hang_take_few_steps_up_to_2048() =>
        Assert.That(
            BestShares.Steps(AllocationRequest.Big(2048, 1, isFlat: true).Group(), 2048),
            Is.LessThan(PreferredAllocation.MaxSteps));

    [Test]
    public void More_units_than_there_is_time_for_are_chosen_roughly()
    {
        var request = AllocationRequest.Big(2000, 8, isFlat: true) with { Size = 9001 };

        Assert.That(BestShares.Steps(request.Group(), 9001), Is.GreaterThan(PreferredAllocation.MaxSteps));
        Assert.That(request.Choose(policy), Has.Count.EqualTo(9001).And.Unique);
    }
}
