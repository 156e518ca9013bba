using Microsoft.AspNetCore.Http;

namespace Damon.Testing.ControlPlane.Faults;

/// <summary>A request that came to the proxy.</summary>
/// <param name="Verb">What it asks for.</param>
/// <param name="Resource">As <c>damonnodes</c>; empty for requests about no objects.</param>
/// <param name="Subresource">As <c>status</c>, or empty.</param>
/// <param name="Namespace">Of the object or the list; empty for all and for kinds without.</param>
/// <param name="Name">The object's; empty for lists.</param>
/// <param name="IsFirstPage">Whether a list is not the continuation of another.</param>
/// <param name="UserAgent">Who asks.</param>
/// <param name="At">When it came, of <see cref="TimeProvider.System"/>.</param>
public sealed record ProxiedRequest(RequestVerb Verb, string Resource, string Subresource, string Namespace, string Name, bool IsFirstPage, string UserAgent, long At)
{
    /// <summary>Whether it changes something.</summary>
    public bool IsWrite => Verb is RequestVerb.Create or RequestVerb.Update or RequestVerb.Patch or RequestVerb.Delete;

    internal static ProxiedRequest Of(HttpRequest request, long at)
    {
        var agent = request.Headers.UserAgent.ToString();
        // /api/v1/… or /apis/GROUP/VERSION/…, then namespaces/NAMESPACE/ for what lies in one, then RESOURCE[/NAME[/SUBRESOURCE]].
        var parts = (request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        var rest = parts switch
        {
            ["api", _, .. var objects] => objects,
            ["apis", _, _, .. var objects] => objects,
            _ => [],
        };
        var ns = "";
        if (rest is ["namespaces", var found, _, ..])
            (ns, rest) = (found, rest[2..]);
        if (rest.Length == 0)
            return new ProxiedRequest(RequestVerb.Other, "", "", "", "", IsFirstPage: false, agent, at);

        var name = rest.Length > 1 ? rest[1] : "";
        var isWatch = request.Query["watch"] == "true" || request.Query["watch"] == "1";
        var verb = request.Method switch
        {
            "GET" when isWatch => RequestVerb.Watch,
            "GET" when name.Length == 0 => RequestVerb.List,
            "GET" => RequestVerb.Get,
            "POST" => RequestVerb.Create,
            "PUT" => RequestVerb.Update,
            "PATCH" => RequestVerb.Patch,
            "DELETE" => RequestVerb.Delete,
            _ => RequestVerb.Other,
        };
        return new ProxiedRequest(verb, rest[0], rest.Length > 2 ? rest[2] : "", ns, name, verb == RequestVerb.List && !request.Query.ContainsKey("continue"), agent, at);
    }
}
